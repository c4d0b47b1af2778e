// The API's description in Swagger UI. Requests go with the page's own log-in and its CSRF token.
const csrf = document.querySelector("meta[name=csrf-token]").content;
const place = document.getElementById("api-docs");

window.SwaggerUIBundle({
  domNode: place,
  url: place.dataset.schema,
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: -1,
  filter: true,
  requestInterceptor: (request) => {
    if (!request.headers.Authorization) request.headers["X-CSRFToken"] = csrf;
    return request;
  },
});
