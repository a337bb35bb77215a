#!/usr/bin/env bash
# Copy the front-end files we serve from node_modules into the static folder, all side by side: Leaflet's and
# leaflet-draw's style sheets both look for "images/" beside themselves.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

target=portal/web/static/vendor
partial=var/vendor.partial
rm -rf "$partial"
mkdir -p "$partial/images"
cp node_modules/htmx.org/dist/htmx.min.js \
   node_modules/leaflet/dist/leaflet.js \
   node_modules/leaflet/dist/leaflet.css \
   node_modules/leaflet-draw/dist/leaflet.draw.js \
   node_modules/leaflet-draw/dist/leaflet.draw.css \
   node_modules/leaflet.vectorgrid/dist/Leaflet.VectorGrid.bundled.min.js \
   node_modules/tus-js-client/dist/tus.min.js \
   "$partial/"
cp node_modules/leaflet-draw/dist/images/* "$partial/images/"
# Where both bring a file of one name, the map's own wins.
cp node_modules/leaflet/dist/images/* "$partial/images/"
# A map file named in a script but not served would be a failed request in the developer tools.
sed -i '/^\/\/# sourceMappingURL=/d' "$partial"/*.js
rm -rf "$target"
mv "$partial" "$target"
