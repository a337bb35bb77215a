// Leaflet.VectorGrid 1.3.0 is written for Leaflet before 1.8: give it back what was removed, so that clicks work.
L.DomEvent.fakeStop = L.DomEvent.fakeStop || function () {};
(function () {
  var find = L.Map.prototype._findEventTargets;
  L.Map.include({
    _findEventTargets: function (event, type) {
      var targets = find.call(this, event, type);
      // Point symbolizers have getLatLng() but no _latlng; Leaflet would call the one and fail on the other.
      targets.forEach(function (target) { if (target.getLatLng && !target._latlng) target.getLatLng = null; });
      return targets;
    },
  });
})();
