// The map page: clicks, drawing, legend switches. Every word of a user reaches the page through textContent.
(function () {
  "use strict";
  var place = document.getElementById("map");
  var words = JSON.parse(place.dataset.words);
  var map = window.map_main, layer = window.vector_grid_protobuf_cameras, drawn = window.drawnItems_draw_control_draw;
  map.attributionControl.setPrefix(false);
  localControls();
  L.control.scale({ imperial: false }).addTo(map);
  var tilesUrl = layer._url;

  fetch(place.dataset.districts, { credentials: "same-origin" }).then(function (r) { return r.json(); }).then(function (shapes) {
    map.createPane("outlines").style.pointerEvents = "none";
    map.getPane("outlines").style.zIndex = 150;
    var outline = L.geoJSON(shapes, { pane: "outlines", interactive: false, style: { color: portalMap.colour("line2"), weight: 1.2, fill: true, fillColor: portalMap.colour("paper"), fillOpacity: 0.55 } }).addTo(map);
    var reach = (place.dataset.bounds || "").split(",").map(Number);
    var bounds = reach.length === 4 ? [[reach[1], reach[0]], [reach[3], reach[2]]] : outline.getBounds();
    map.fitBounds(bounds, { padding: [24, 24], maxZoom: place.dataset.opened ? 18 : 17 });
    if (place.dataset.opened) lookUp(place.dataset.opened, map.getCenter());
  }).finally(function () { place.dataset.ready = ""; });

  // Leaflet's own parts in the reader's language. Its drawing handles are for a pointer; the forms beside the map are for
  // keys, so that the handles need no place in the order of tabs.
  function localControls() {
    L.Marker.mergeOptions({ keyboard: false });
    L.Control.Scale.include({
      _updateMetric: function (most) {
        var round = this._getRoundNum(most);
        this._updateScale(this._mScale, round < 1000 ? round + " " + words.m : round / 1000 + " " + words.km, round / most);
      },
    });
    function name(button, text) { if (button) { button.title = text; button.setAttribute("aria-label", text); } }
    name(place.querySelector(".leaflet-control-zoom-in"), words.zoom_in);
    name(place.querySelector(".leaflet-control-zoom-out"), words.zoom_out);
    map.on("popupopen", function (event) { name(event.popup.getElement().querySelector(".leaflet-popup-close-button"), words.close); });
  }

  function element(tag, text, kind) {
    var made = document.createElement(tag);
    if (text) made.textContent = text;
    if (kind) made.className = kind;
    return made;
  }

  function sign(kind) {
    var made = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    made.setAttribute("aria-hidden", "true");
    made.appendChild(document.createElementNS("http://www.w3.org/2000/svg", "use")).setAttribute("href", "#s-" + kind);
    return made;
  }

  function showCamera(latlng, found) {
    var box = element("div", "", "map-card"), state = element("p", "", "status " + found.state.kind), link = element("a", words.details);
    state.append(sign(found.state.kind), found.state.label);
    link.href = found.url;
    box.append(element("b", found.name), state, element("p", found.unit));
    if (found.code) box.append(element("p", found.code, "mono"));
    box.append(link);
    L.popup({ closeButton: true, minWidth: 200, maxWidth: 280 }).setLatLng(latlng).setContent(box).openOn(map);
  }

  function lookUp(id, latlng) {
    var address = place.dataset.camera.replace("00000000-0000-0000-0000-000000000000", encodeURIComponent(id));
    fetch(address, { credentials: "same-origin", headers: { "HX-Request": "true" } })
      .then(function (r) { if (!r.ok) throw new Error(String(r.status)); return r.json(); })
      .then(function (found) { showCamera(latlng, found); place.dataset.clicked = id; })
      .catch(function () { L.popup().setLatLng(latlng).setContent(element("p", words.failed)).openOn(map); });
  }

  layer.on("click", function (event) {
    L.DomEvent.stop(event.originalEvent || event);
    var properties = event.layer.properties;
    if (waiting || (place.dataset.pick && properties.id)) { map.fire("click", { latlng: event.latlng }); return; }
    if (!properties.id) { map.setView(event.latlng, Math.min(map.getZoom() + 2, 19)); return; }
    lookUp(properties.id, event.latlng);
  });

  // A position field beside the map is filled by the next click on it.
  var waiting = null;
  document.documentElement.dataset.mapPicker = "";
  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-pick-point]");
    if (button) { waiting = document.getElementById(button.dataset.pickPoint); place.classList.add("picking"); }
  });
  map.on("click", function (event) {
    if (!waiting) return;
    waiting.value = event.latlng.lng.toFixed(6) + ", " + event.latlng.lat.toFixed(6);
    waiting.dispatchEvent(new Event("input", { bubbles: true }));
    waiting.focus();
    waiting = null;
    place.classList.remove("picking");
  });

  if (place.dataset.pick) {
    var mark;
    map.on("click", function (event) {
      if (!("ready" in place.dataset)) return; // the map still moves to where the reader's cameras are
      var lon = event.latlng.lng.toFixed(6), lat = event.latlng.lat.toFixed(6);
      if (mark) mark.setLatLng(event.latlng); else mark = L.circleMarker(event.latlng, { radius: 7, color: portalMap.colour("brand"), weight: 3 }).addTo(map);
      document.getElementById("picked").textContent = lon + ", " + lat;
      document.getElementById("pick-go").hidden = false;
      document.getElementById("pick-go").href = place.dataset.pick + (place.dataset.pick.includes("?") ? "&" : "?") + "lon=" + lon + "&lat=" + lat + "&datum=wgs84";
    });
    if (window.draw_control_draw) map.removeControl(window.draw_control_draw);
    return;
  }

  function localWords() {
    var draw = L.drawLocal.draw, edit = L.drawLocal.edit;
    draw.toolbar.buttons = { polyline: words.polyline, polygon: words.polygon, rectangle: words.rectangle, circle: words.circle };
    draw.toolbar.actions = { title: words.cancel, text: words.cancel };
    draw.toolbar.finish = { title: words.finish, text: words.finish };
    draw.toolbar.undo = { title: words.undo, text: words.undo };
    draw.handlers.polygon.tooltip = { start: words.start, cont: words.next, end: words.next };
    draw.handlers.polyline.tooltip = { start: words.start, cont: words.next, end: words.last };
    draw.handlers.rectangle.tooltip = { start: words.drag };
    draw.handlers.simpleshape.tooltip = { end: words.drag };
    draw.handlers.circle = { tooltip: { start: words.drag }, radius: words.radius };
    edit.toolbar.actions = { save: { title: words.save, text: words.save }, cancel: { title: words.cancel, text: words.cancel }, clearAll: { title: words.clear, text: words.clear } };
    edit.toolbar.buttons = { edit: words.edit, editDisabled: words.edit, remove: words.remove, removeDisabled: words.remove };
    if (window.draw_control_draw) { map.removeControl(window.draw_control_draw); map.addControl(window.draw_control_draw); }
  }
  localWords();

  function ring(centre, radius) {
    var points = [], lat = (centre.lat * Math.PI) / 180, turn;
    for (turn = 0; turn <= 64; turn++) {
      var angle = (turn / 64) * 2 * Math.PI;
      points.push([centre.lng + ((radius * Math.sin(angle)) / (111320 * Math.cos(lat))), centre.lat + (radius * Math.cos(angle)) / 110574]);
    }
    return { type: "Polygon", coordinates: [points] };
  }

  function search(shape) {
    var form = document.getElementById("area-shape"), choose = document.getElementById("choose-shape");
    if (choose) { document.getElementById("shape").value = JSON.stringify(shape); choose.click(); return; }
    form.elements.shape.value = JSON.stringify(shape);
    window.htmx.trigger(form, "submit");
  }
  map.on("draw:created", function (event) {
    drawn.clearLayers();
    drawn.addLayer(event.layer);
    search(event.layerType === "circle" ? ring(event.layer.getLatLng(), event.layer.getRadius()) : event.layer.toGeoJSON().geometry);
  });
  map.on("draw:edited", function () { drawn.eachLayer(function (one) { search(one.getRadius ? ring(one.getLatLng(), one.getRadius()) : one.toGeoJSON().geometry); }); });
  map.on("draw:deleted", function () { var told = document.getElementById("found"); if (told) told.replaceChildren(); });
  JSON.parse(place.dataset.shapes || "[]").forEach(function (shape) { L.geoJSON(shape, { interactive: false, style: { color: portalMap.colour("brand"), weight: shape.type === "LineString" ? 4 : 2 } }).addTo(map); });

  document.querySelectorAll(".legend input").forEach(function (box, _i, all) {
    box.addEventListener("change", function () {
      var on = Array.from(all).filter(function (one) { return one.checked; }).map(function (one) { return one.value; });
      layer.setUrl(on.length === all.length ? tilesUrl : tilesUrl + "?live=" + (on.join(",") || "none"));
    });
  });

  // The gap of those who must install: places without a system, or with one that nobody filed.
  var gapsOn = document.getElementById("gaps-on"), gapsOf = document.getElementById("gaps-of"), gapLayer = L.layerGroup(), asked = 0;
  function showGap(feature, mark) {
    mark.on("click", function (event) {
      if (waiting) { map.fire("click", { latlng: event.latlng }); return; }
      var told = feature.properties, box = element("div", "", "map-card"), state = element("p", "", "status " + told.state.kind), link = element("a", words.entry);
      state.append(sign(told.state.kind), told.state.label);
      link.href = told.url;
      box.append(element("b", told.name), state, element("p", told.category), link);
      L.popup({ closeButton: true, minWidth: 200, maxWidth: 280 }).setLatLng(mark.getLatLng()).setContent(box).openOn(map);
    });
  }
  function drawGaps() {
    var mine = ++asked, told = document.getElementById("gaps-told");
    gapLayer.remove();
    told.textContent = "";
    if (!gapsOn.checked) return;
    fetch(place.dataset.gaps + "?category=" + encodeURIComponent(gapsOf.value), { credentials: "same-origin" }).then(function (r) { return r.json(); }).then(function (shapes) {
      if (mine !== asked) return;
      gapLayer = L.geoJSON(shapes, { pointToLayer: function (one, at) { return L.marker(at, { icon: portalMap.gap(one.properties.missing), title: one.properties.name }); }, onEachFeature: showGap }).addTo(map);
      told.textContent = (shapes.capped ? words.capped + " " : "") + (shapes.unplaced ? words.unplaced.replace("{count}", shapes.unplaced) : "");
      place.dataset.gapsShown = shapes.features.length;
    });
  }
  if (gapsOn) { gapsOn.addEventListener("change", drawGaps); gapsOf.addEventListener("change", function () { gapsOn.checked = true; drawGaps(); }); }

  var panel = document.querySelector(".map-panel");
  if (panel) panel.addEventListener("click", function (event) {
    var target = event.target.closest("button[data-lon]");
    if (target) map.setView([+target.dataset.lat, +target.dataset.lon], 18);
  });
})();
