// Starts the application.
import { createRoot } from "react-dom/client";
import { App } from "./app";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/parts.css";
import "./styles/overlays.css";
import "./styles/shell.css";

const host = document.getElementById("app");
if (host) createRoot(host).render(<App />);
