// How cells and cameras are drawn: shape and colour, never colour alone. Colours come from the style sheet's tokens.
window.portalMap = (function () {
  "use strict";
  var tokens = getComputedStyle(document.documentElement);
  function colour(name) { return tokens.getPropertyValue("--" + name).trim() || "#4d5966"; }
  var paper = colour("paper");
  var SHAPES = {
    0: function (c) { return '<circle cx="7" cy="7" r="4.4" fill="' + paper + '" stroke="' + c + '" stroke-width="2" stroke-dasharray="2.6 1.6"/>'; },
    1: function (c) { return '<circle cx="7" cy="7" r="5" fill="' + c + '" stroke="' + paper + '" stroke-width="1.4"/>'; },
    2: function (c) { return '<path d="M7 1l6 11H1z" fill="' + c + '" stroke="' + paper + '" stroke-width="1.2"/>'; },
    3: function (c) { return '<rect x="2" y="2" width="10" height="10" fill="' + c + '" stroke="' + paper + '" stroke-width="1.4"/>'; },
    5: function (c) { return '<circle cx="7" cy="7" r="4.4" fill="' + paper + '" stroke="' + c + '" stroke-width="2"/><path d="M3 11l8-8" stroke="' + c + '" stroke-width="1.6"/>'; },
  };
  SHAPES[4] = SHAPES[3];
  var COLOURS = { 0: "idle", 1: "ok", 2: "warn", 3: "bad", 4: "bad", 5: "off" };
  var icons = {};
  function svgIcon(width, height, inner) {
    var source = '<svg xmlns="http://www.w3.org/2000/svg" width="' + width + '" height="' + height + '">' + inner + "</svg>";
    return L.icon({ iconUrl: "data:image/svg+xml," + encodeURIComponent(source), iconSize: [width, height], iconAnchor: [width / 2, height / 2] });
  }
  function camera(properties) {
    var live = properties.live in SHAPES ? properties.live : 0;
    var turn = properties.azimuth == null ? "" : properties.azimuth - (properties.azimuth % 15);
    var key = live + "/" + turn;
    if (!icons[key]) {
      var tint = colour(COLOURS[live]);
      var cone = turn === "" ? "" : '<path d="M17 17L9 3.1A16 16 0 0 1 25 3.1Z" transform="rotate(' + turn + ' 17 17)" fill="' + tint + '" fill-opacity=".22"/>';
      icons[key] = svgIcon(34, 34, cone + '<g transform="translate(10 10)">' + SHAPES[live](tint) + "</g>");
    }
    return { icon: icons[key] };
  }
  function cell(properties) {
    var n = properties.n;
    if (n === 1) {
      var alone = properties.n_offline ? 3 : properties.n_degraded ? 2 : properties.n_online ? 1 : 0;
      return camera({ live: alone, azimuth: null });
    }
    var share = Math.round((properties.n_offline / n) * 8) / 8;
    var text = n < 1000 ? String(n) : n < 10000 ? (n / 1000).toFixed(1) + "k" : Math.round(n / 1000) + "k";
    var key = text + "|" + share;
    if (!icons[key]) {
      var r = Math.min(20, 9 + 2.6 * Math.log10(n) + (text.length > 2 ? 2 : 0));
      var size = 2 * r + 6, c = size / 2, round = 2 * Math.PI * r;
      var ring = share ? '<circle cx="' + c + '" cy="' + c + '" r="' + r + '" fill="none" stroke="' + colour("bad") + '" stroke-width="3" stroke-dasharray="' + (round * share) + " " + round + '" transform="rotate(-90 ' + c + " " + c + ')"/>' : "";
      icons[key] = svgIcon(size, size, '<circle cx="' + c + '" cy="' + c + '" r="' + r + '" fill="' + colour("primary") + '" fill-opacity=".92" stroke="' + paper + '" stroke-width="2"/>' + ring +
        '<text x="' + c + '" y="' + (c + 3.6) + '" text-anchor="middle" font-family="sans-serif" font-size="10.5" font-weight="600" fill="#fff">' + text + "</text>");
    }
    return { icon: icons[key] };
  }
  // A place of the gap is a square on its corner: crossed where nothing hangs, hollow where something hangs unfiled.
  function gap(missing) {
    var tint = colour(missing ? "bad" : "warn");
    var inner = missing ? '<path d="M9 1l8 8-8 8-8-8z" fill="' + tint + '" stroke="' + paper + '" stroke-width="1.4"/><path d="M6.4 6.4l5.2 5.2M11.6 6.4l-5.2 5.2" stroke="' + paper + '" stroke-width="1.8"/>'
      : '<path d="M9 2l7 7-7 7-7-7z" fill="' + paper + '" stroke="' + tint + '" stroke-width="2.4"/>';
    return svgIcon(18, 18, inner);
  }
  return {
    gap: gap,
    options: function () {
      return { vectorTileLayerStyles: { cameras: camera, cells: cell }, interactive: true, minZoom: 6, maxNativeZoom: 19, getFeatureId: function (f) { return f.properties.id; } };
    },
    colour: colour,
  };
})();
