import { render } from "preact";
import { App } from "./app";
import { startLanguage } from "./i18n";

startLanguage();
render(<App />, document.getElementById("app")!);
