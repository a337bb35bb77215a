// Leaflet.VectorGrid 1.3.0 is written for Leaflet before 1.8: give it back what was removed, so that clicks work.
L.DomEvent.fakeStop = L.DomEvent.fakeStop || function () {};
(function () {
  var fire = L.Map.prototype._fireDOMEvent;
  L.Map.include({
    _fireDOMEvent: function (event, type, targets) {
      // Point symbolizers have getLatLng() but no _latlng; Leaflet would call the one and fail on the other.
      (targets || []).forEach(function (target) { if (target.getLatLng && !target._latlng) target.getLatLng = null; });
      return fire.call(this, event, type, targets);
    },
  });
})();
