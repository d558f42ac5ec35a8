/* The charts of a store's board; numbers, words and links come from the server as JSON. */
(function () {
  "use strict";
  const { trend, data, ready } = window.hq;
  const D = data();
  if (D.trend) trend(D.trend);
  ready();
})();
