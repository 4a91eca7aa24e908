// SPDX-License-Identifier: Apache-2.0
// Runs before the page is drawn, so that it never shows in the wrong colours.
try {
  const theme = localStorage.getItem("theme");
  if (theme === "light" || theme === "dark") {
    document.documentElement.dataset.theme = theme;
  }
} catch {
  // The system's colours are kept.
}
