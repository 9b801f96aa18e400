// Starts the browser that the system has, without a window and without anything that goes out by itself.
import { chromium } from "playwright-core";

const program = process.env.ATOZSYNC_CHROMIUM ?? "/usr/bin/chromium";
const flags = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--disable-extensions",
];

// A machine that builds beside it starts a browser slowly.
const START_MAX_MS = 120_000;

export const launch = () => chromium.launch({ executablePath: program, args: flags, timeout: START_MAX_MS });
