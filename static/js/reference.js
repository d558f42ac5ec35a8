// The reference of the API, drawn by Swagger UI in the language of the page; nothing is asked of another site.
(() => {
  "use strict";
  const BETWEEN = " · "; // what is told in both languages: 中文 · English
  const place = document.getElementById("reference");
  const language = document.documentElement.lang === "en" ? "en" : "zh";

  const half = (text) => {
    const [chinese, ...english] = text.split(BETWEEN);
    return english.length && language === "en" ? english.join(BETWEEN) : chinese;
  };

  const told = (name, value) => {
    if (typeof value === "string") return name === "summary" || name === "description" ? half(value) : value;
    if (name === "value" || name === "example" || value === null || typeof value !== "object") return value;
    if (Array.isArray(value)) return value.map((each) => told("", each));
    const entries = Object.entries(value).map(([key, inner]) => [key, told(key, inner)]);
    if (name === "examples") entries.sort((a, b) => (b[0] === language) - (a[0] === language));
    return Object.fromEntries(entries);
  };

  const draw = (spec) => {
    place.textContent = "";
    SwaggerUIBundle({
      spec,
      domNode: place,
      presets: [SwaggerUIBundle.presets.apis],
      layout: "BaseLayout",
      validatorUrl: null,
      deepLinking: true,
      docExpansion: "list",
      filter: true,
      displayRequestDuration: true,
      defaultModelsExpandDepth: 0,
      requestInterceptor: (request) => {
        request.headers["Accept-Language"] = language;
        request.credentials = "omit"; // the key alone says who asks
        return request;
      },
      onComplete: () => { document.documentElement.dataset.reference = "drawn"; },
    });
  };

  fetch(place.dataset.document, { credentials: "omit" })
    .then((answer) => answer.json())
    .then((spec) => draw(told("", spec)))
    .catch(() => { place.firstElementChild.textContent = place.dataset.failed; });
})();
