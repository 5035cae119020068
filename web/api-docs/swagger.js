// Shows the API's description with Swagger UI; calls made here carry the session's CSRF token.
let csrf = "";
fetch("/api/v1/session", { credentials: "same-origin" })
  .then((answer) => answer.json())
  .then((session) => {
    csrf = session.csrf ?? "";
  })
  .catch(() => undefined);

window.SwaggerUIBundle({
  url: "/api/v1/openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  validatorUrl: null,
  requestInterceptor: (request) => {
    if (csrf && new URL(request.url, location.href).origin === location.origin) {
      request.headers["x-fossick-csrf"] = csrf;
    }
    return request;
  },
});
