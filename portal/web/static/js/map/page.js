// The map page: clicks, drawing, legend switches. Every word of a user reaches the page through textContent.
(function () {
  "use strict";
  var place = document.getElementById("map");
  var words = JSON.parse(place.dataset.words);
  var map = window.map_main, layer = window.vector_grid_protobuf_cameras, drawn = window.drawnItems_draw_control_draw;
  map.attributionControl.setPrefix(false);
  L.control.scale({ imperial: false }).addTo(map);
  var tilesUrl = layer._url;

  fetch(place.dataset.districts, { credentials: "same-origin" }).then(function (r) { return r.json(); }).then(function (shapes) {
    map.createPane("outlines").style.pointerEvents = "none";
    map.getPane("outlines").style.zIndex = 150;
    var outline = L.geoJSON(shapes, { pane: "outlines", interactive: false, style: { color: portalMap.colour("line2"), weight: 1.2, fill: true, fillColor: portalMap.colour("paper"), fillOpacity: 0.55 } }).addTo(map);
    var reach = (place.dataset.bounds || "").split(",").map(Number);
    var bounds = reach.length === 4 ? [[reach[1], reach[0]], [reach[3], reach[2]]] : outline.getBounds();
    map.fitBounds(bounds, { padding: [24, 24], maxZoom: 17 });
  });

  function element(tag, text, kind) {
    var made = document.createElement(tag);
    if (text) made.textContent = text;
    if (kind) made.className = kind;
    return made;
  }

  function showCamera(latlng, found) {
    var box = element("div", "", "map-card");
    box.append(element("b", found.name), element("br"), element("span", found.unit), element("br"));
    var state = element("span", found.state.label, "status " + found.state.kind);
    box.append(state, element("br"));
    if (found.code) box.append(element("code", found.code), element("br"));
    var link = element("a", words.details);
    link.href = found.url;
    box.append(link);
    L.popup({ closeButton: true }).setLatLng(latlng).setContent(box).openOn(map);
  }

  layer.on("click", function (event) {
    L.DomEvent.stop(event.originalEvent || event);
    if (waiting) { map.fire("click", { latlng: event.latlng }); return; }
    var properties = event.layer.properties;
    if (!properties.id) { map.setView(event.latlng, Math.min(map.getZoom() + 2, 19)); return; }
    if (place.dataset.pick) return;
    var address = place.dataset.camera.replace("00000000-0000-0000-0000-000000000000", encodeURIComponent(properties.id));
    fetch(address, { credentials: "same-origin", headers: { "HX-Request": "true" } })
      .then(function (r) { if (!r.ok) throw new Error(String(r.status)); return r.json(); })
      .then(function (found) { showCamera(event.latlng, found); place.dataset.clicked = properties.id; })
      .catch(function () { L.popup().setLatLng(event.latlng).setContent(element("p", words.failed)).openOn(map); });
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
      var lon = event.latlng.lng.toFixed(6), lat = event.latlng.lat.toFixed(6);
      if (mark) mark.setLatLng(event.latlng); else mark = L.circleMarker(event.latlng, { radius: 7, color: portalMap.colour("brand"), weight: 3 }).addTo(map);
      document.getElementById("picked").textContent = lon + ", " + lat;
      document.getElementById("pick-go").href = place.dataset.pick + "?lon=" + lon + "&lat=" + lat;
    });
    if (window.draw_control_draw) map.removeControl(window.draw_control_draw);
    return;
  }

  function localWords() {
    var draw = L.drawLocal.draw, edit = L.drawLocal.edit;
    draw.toolbar.buttons = { polygon: words.polygon, rectangle: words.rectangle, circle: words.circle };
    draw.toolbar.actions = { title: words.cancel, text: words.cancel };
    draw.toolbar.finish = { title: words.finish, text: words.finish };
    draw.toolbar.undo = { title: words.undo, text: words.undo };
    draw.handlers.polygon.tooltip = { start: words.start, cont: words.next, end: words.next };
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
    var form = document.getElementById("area-shape");
    form.elements.shape.value = JSON.stringify(shape);
    window.htmx.trigger(form, "submit");
  }
  map.on("draw:created", function (event) {
    drawn.clearLayers();
    drawn.addLayer(event.layer);
    search(event.layerType === "circle" ? ring(event.layer.getLatLng(), event.layer.getRadius()) : event.layer.toGeoJSON().geometry);
  });
  map.on("draw:edited", function () { drawn.eachLayer(function (one) { search(one.getRadius ? ring(one.getLatLng(), one.getRadius()) : one.toGeoJSON().geometry); }); });
  map.on("draw:deleted", function () { document.getElementById("found").replaceChildren(); });

  document.querySelectorAll(".legend input").forEach(function (box, _i, all) {
    box.addEventListener("change", function () {
      var on = Array.from(all).filter(function (one) { return one.checked; }).map(function (one) { return one.value; });
      var none = on.length ? on : ["disabled"];
      layer.setUrl(on.length === all.length ? tilesUrl : tilesUrl + "?live=" + none.join(","));
    });
  });

  document.querySelector(".map-panel").addEventListener("click", function (event) {
    var target = event.target.closest("button[data-lon]");
    if (target) map.setView([+target.dataset.lat, +target.dataset.lon], 18);
  });
})();
