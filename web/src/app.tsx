// The frame around every page: who this is, where one can go, and what was just done.
import { useEffect, useRef, useState } from "preact/hooks";
import { beginSession, endSession, session, whenSignedOut } from "./api";
import { language, languages, setLanguage, t, type Key, type Language } from "./i18n";
import { useShortcuts } from "./keys";
import { startLive, stopLive, useLive } from "./live";
import { NoticeBar } from "./parts/notice_bar";
import { ConflictPage } from "./pages/conflict";
import { ConflictsPage } from "./pages/conflicts";
import { DatabasePage } from "./pages/database";
import { HeldPage } from "./pages/held";
import { HelpPage } from "./pages/help";
import { HistoryPage } from "./pages/history";
import { OverviewPage } from "./pages/overview";
import { SignedOutPage } from "./pages/signed_out";
import { go, hashOf, useRoute, type Page, type Route } from "./router";

type Who = { state: "asking" } | { state: "out"; reason: string } | { state: "in"; replica: string };

async function enter(): Promise<Who> {
  const token = /^#token=(.+)$/.exec(location.hash)?.[1];
  let reason = "";
  if (token) {
    // The token is good once: it leaves the address before anything else can look at it.
    history.replaceState(null, "", location.pathname);
    try {
      await beginSession(decodeURIComponent(token));
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
    }
  }
  const found = await session();
  return found ? { state: "in", replica: found.replica } : { state: "out", reason };
}

export function App() {
  const [who, setWho] = useState<Who>({ state: "asking" });
  const [, setShown] = useState<Language>(language());
  const route = useRoute();

  useEffect(() => {
    const out = () => {
      stopLive();
      setWho({ state: "out", reason: "" });
    };
    whenSignedOut(out);
    enter().then((found) => {
      setWho(found);
      if (found.state === "in") startLive(out);
    }, (error: unknown) => setWho({ state: "out", reason: String(error) }));
  }, []);

  const choose = (chosen: Language) => {
    setLanguage(chosen, true);
    setShown(chosen);
  };
  if (who.state === "asking") return <p class="asking" role="status">{t("app.asking")}</p>;
  if (who.state === "out") return <SignedOutPage reason={who.reason} choose={choose} />;
  return <Frame replica={who.replica} route={route} choose={choose} />;
}

const pages: { page: Page; key: Key; also?: Page }[] = [
  { page: "overview", key: "nav.overview" },
  { page: "conflicts", key: "nav.conflicts", also: "conflict" },
  { page: "held", key: "nav.held" },
  { page: "history", key: "nav.history" },
  { page: "database", key: "nav.database" },
];

function Frame({ replica, route, choose }: { replica: string; route: Route; choose: (chosen: Language) => void }) {
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  const place = `${route.page}/${route.id}`;
  useShortcuts({ "?": () => go("help") });

  useEffect(() => {
    const entry = pages.find((one) => one.page === route.page || one.also === route.page);
    // Offices and pages only: titles are kept by browsers and shown to everybody.
    document.title = `${entry ? t(entry.key) : t("nav.help")} – ${replica} – atozsync`;
  });
  useEffect(() => {
    // A new page is read from its beginning, by eye and by screen reader.
    if (first.current) first.current = false;
    else main.current?.focus();
    window.scrollTo(0, 0);
  }, [place]);

  return (
    <>
      <Header replica={replica} page={route.page} skip={() => main.current?.focus()} />
      <Lost />
      <main ref={main} tabIndex={-1} id="main"><Content route={route} /></main>
      <NoticeBar />
      <Footer choose={choose} />
    </>
  );
}

function Header({ replica, page, skip }: { replica: string; page: Page; skip: () => void }) {
  const { overview } = useLive();
  const held = overview ? overview.held.row + overview.held.locked + overview.held.brake : 0;
  const counts: Partial<Record<Page, number>> = { conflicts: overview?.conflicts_open ?? 0, held };
  return (
    <header class="top">
      <a class="skip" href={location.hash || "#/"} onClick={(event) => {
        event.preventDefault();
        skip();
      }}>{t("app.skip")}</a>
      <div class="brand">
        <img src="/icon.svg" alt="" width="32" height="32" />
        <div><strong>atozsync</strong><span class="office">{replica}</span></div>
      </div>
      <nav aria-label={t("nav.label")}>
        <ul>
          {pages.map((entry) => {
            const here = entry.page === page || entry.also === page;
            const count = counts[entry.page] ?? 0;
            return (
              <li key={entry.page}>
                <a href={hashOf(entry.page)} aria-current={here ? "page" : undefined}>
                  {t(entry.key)}
                  {count > 0 && <span class="count">{new Intl.NumberFormat(language()).format(count)}</span>}
                </a>
              </li>
            );
          })}
        </ul>
      </nav>
    </header>
  );
}

// Old figures must not look like new ones.
function Lost() {
  const { overview, connected } = useLive();
  if (connected || !overview) return null;
  return <p class="lost" role="alert">{t("app.lost")}</p>;
}

function Content({ route }: { route: Route }) {
  switch (route.page) {
    case "conflicts": return <ConflictsPage />;
    case "conflict": return <ConflictPage key={route.id} id={route.id} />;
    case "history": return <HistoryPage />;
    case "held": return <HeldPage />;
    case "database": return <DatabasePage />;
    case "help": return <HelpPage />;
    case "overview": return <OverviewPage />;
  }
}

export function LanguageChoice({ choose }: { choose: (chosen: Language) => void }) {
  return (
    <label class="language">
      <span>{t("app.language")}</span>
      <select value={language()} onChange={(event) => choose(event.currentTarget.value as Language)}>
        {Object.entries(languages).map(([code, name]) => (
          <option key={code} value={code} lang={code} selected={code === language()}>{name}</option>
        ))}
      </select>
    </label>
  );
}

function Footer({ choose }: { choose: (chosen: Language) => void }) {
  const { overview } = useLive();
  return (
    <footer>
      <LanguageChoice choose={choose} />
      <a href={hashOf("help")}>{t("nav.help")}</a>
      <a href="/third-party.txt">{t("app.licences")}</a>
      <button class="link" onClick={() => void endSession().then(() => location.reload(), () => location.reload())}>
        {t("app.leave")}
      </button>
      {overview && <span class="version">atozsync {overview.status.replica.version}</span>}
    </footer>
  );
}
