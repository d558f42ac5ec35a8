/* A choice made in a field that is searched by typing is told to the page as any other change is. */
(function () {
  "use strict";
  window.django.jQuery(document).on("select2:select select2:unselect", (event) => {
    event.target.dispatchEvent(new Event("change", { bubbles: true }));
  });
})();
