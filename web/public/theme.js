// Applies the chosen theme before the first paint; a file of its own, since the page allows no inline script.
(() => {
  try {
    const theme = localStorage.getItem("fossick.theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch {
    // Storage is switched off: the system's theme it is.
  }
})();
