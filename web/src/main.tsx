import "./styles/tokens.css";
import "./styles/base.css";
import "./kit/kit.css";
import "./layout/layout.css";

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { App, begin } from "./app";
import { applyTheme } from "./layout/theme";

applyTheme();
begin();
const place = document.getElementById("app");
if (place) {
  createRoot(place).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
