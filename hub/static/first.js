// Before the first paint: scripts run here, so the menu of a phone may begin closed.
document.documentElement.classList.remove("no-js");
