// Shows the API's description with ReDoc; its search is off, because it would run in a worker made from a blob.
window.Redoc.init(
  "/api/v1/openapi.json",
  { disableSearch: true, hideDownloadButton: false, nativeScrollbars: true },
  document.getElementById("docs"),
);
