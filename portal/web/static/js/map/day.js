// The map of a day: every inspector's way in the order of the visits' times. Names come from the list through textContent.
(function () {
  "use strict";
  var place = document.getElementById("day-map"), map = window.map_main;
  var routes = JSON.parse(place.dataset.routes), words = JSON.parse(place.dataset.words);
  var tokens = getComputedStyle(document.documentElement);
  function colour(name) { return tokens.getPropertyValue("--" + name).trim() || "#4d5966"; }
  // Told apart by their dashes and letters, never by colour alone.
  var DASHES = ["", "9 6", "2 6", "12 5 2 5", "5 3"], COLOURS = ["brand", "ink", "info"];
  var layers = [], whole = L.latLngBounds([]);

  map.attributionControl.setPrefix(false);
  L.Control.Scale.include({
    _updateMetric: function (most) {
      var round = this._getRoundNum(most);
      this._updateScale(this._mScale, round < 1000 ? round + " " + words.m : round / 1000 + " " + words.km, round / most);
    },
  });
  L.control.scale({ imperial: false }).addTo(map);
  [["in", words.zoom_in], ["out", words.zoom_out]].forEach(function (pair) {
    var button = place.querySelector(".leaflet-control-zoom-" + pair[0]);
    if (button) { button.title = pair[1]; button.setAttribute("aria-label", pair[1]); }
  });

  function mark(text, kind) {
    var made = document.createElement("span");
    made.textContent = text;
    return L.divIcon({ className: "day-mark " + kind, html: made, iconSize: null });
  }

  function named(places) {
    var box = document.createElement("div");
    places.forEach(function (one) {
      var line = document.createElement("p"), told = document.getElementById("stop-" + one.route + "-" + one.stop);
      line.textContent = told ? told.dataset.label : words.base;
      box.append(line);
    });
    return box;
  }

  // Where several stand at one place, one mark carries all their numbers.
  function draw() {
    var shown = {};
    layers.forEach(function (one) { one.remove(); });
    layers = [];
    routes.forEach(function (route, number) {
      var box = document.querySelector("[data-route='" + number + "']");
      if (!route.line.length || (box && !box.checked)) return;
      layers.push(L.polyline(route.line, { color: colour(COLOURS[number % COLOURS.length]), weight: 3 + Math.min(2 * (routes.length - 1 - number), 6), opacity: 0.85, dashArray: DASHES[number % DASHES.length], interactive: false }).addTo(map));
      if (route.base) put(shown, route.base, { text: route.letter, route: number, stop: 0, base: true });
      route.stops.forEach(function (stop) { put(shown, stop.at, { text: route.letter + stop.number, route: number, stop: stop.number }); });
    });
    Object.keys(shown).forEach(function (key) {
      var here = shown[key], base = here.every(function (one) { return one.base; });
      var stops = base ? here : here.filter(function (one) { return !one.base; });
      var text = stops.map(function (one) { return one.text; }).join(" ");
      layers.push(L.marker(here[0].at, { icon: mark(text, base ? "base" : ""), keyboard: false, title: named(stops).innerText }).bindPopup(named(stops), { minWidth: 180 }).addTo(map));
    });
  }
  function put(shown, at, one) {
    one.at = at;
    (shown[at.join()] = shown[at.join()] || []).push(one);
  }

  function fit() { map.invalidateSize({ animate: false }); map.fitBounds(whole, { padding: [36, 36], maxZoom: 16, animate: false }); }
  routes.forEach(function (route) { route.line.forEach(function (at) { whole.extend(at); }); });
  map.on("popupopen", function (event) {
    var button = event.popup.getElement().querySelector(".leaflet-popup-close-button");
    if (button) { button.title = words.close; button.setAttribute("aria-label", words.close); }
  });
  document.querySelectorAll("[data-route]").forEach(function (box) { box.addEventListener("change", draw); });
  draw();
  fit();
  matchMedia("print").addEventListener("change", fit);

  fetch(place.dataset.districts, { credentials: "same-origin" }).then(function (r) { return r.json(); }).then(function (shapes) {
    map.createPane("outlines").style.pointerEvents = "none";
    map.getPane("outlines").style.zIndex = 150;
    L.geoJSON(shapes, {
      pane: "outlines", interactive: false,
      style: { color: colour("line2"), weight: 1.2, fill: true, fillColor: colour("paper"), fillOpacity: 0.55 },
      onEachFeature: function (feature, layer) { layer.bindTooltip(feature.properties.name, { permanent: true, direction: "center", opacity: 1, className: "day-district" }); },
    }).addTo(map);
  }).finally(function () { place.dataset.ready = ""; });
})();
