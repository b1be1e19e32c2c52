/** Colours of charts in both themes: after Okabe and Ito, told apart by the colour-blind; lines also differ in dash. */

export interface Palette {
  ink: string;
  soft: string;
  line: string;
  surface: string;
  series: readonly string[];
  baseline: string;
  current: string;
  critical: string;
  warning: string;
  watch: string;
  ok: string;
  unknown: string;
}

export const LIGHT: Palette = {
  ink: "#17202b",
  soft: "#4a5666",
  line: "#dde2e9",
  surface: "#ffffff",
  series: ["#0067a8", "#c04f00", "#007d5c", "#a8487e", "#8a6d00", "#3d7ea6", "#5b5b5b", "#6a51a3"],
  baseline: "#98a3b3",
  current: "#0067a8",
  critical: "#b3261e",
  warning: "#b06000",
  watch: "#5a4a9c",
  ok: "#0a6a4f",
  unknown: "#6b7686",
};

export const DARK: Palette = {
  ink: "#e8edf3",
  soft: "#aab5c3",
  line: "#2b333f",
  surface: "#181d25",
  series: ["#64b5f0", "#f0935a", "#4fc3a1", "#e39ac4", "#e0c04c", "#9bd0f5", "#b5bdc8", "#b9aef2"],
  baseline: "#6d7989",
  current: "#64b5f0",
  critical: "#ff8f85",
  warning: "#f2b35c",
  watch: "#b9aef2",
  ok: "#58c9a4",
  unknown: "#8a95a5",
};
