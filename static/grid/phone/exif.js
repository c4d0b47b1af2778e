/**
 * Where a photo of the album was taken, from its EXIF (CIPA DC-008: TIFF inside the APP1 segment), before it is made small and
 * loses it. Only for a report whose place nothing better tells: the phone's position and a pin come first.
 */

const HEAD = 128 * 1024; // bytes in which the segment stands
const [GPS_IFD, LATITUDE_REF, LATITUDE, LONGITUDE_REF, LONGITUDE] = [0x8825, 1, 2, 3, 4];

/** {longitude, latitude} in WGS84 degrees, or null where the photo does not say. */
export async function pointOf(file) {
  try {
    return parsed(new DataView(await file.slice(0, HEAD).arrayBuffer()));
  } catch {
    return null; // Cut short, or written wrongly.
  }
}

function parsed(view) {
  const start = tiffAt(view);
  if (start === null) return null;
  const little = view.getUint16(start) === 0x4949;
  const u16 = (at) => view.getUint16(start + at, little);
  const u32 = (at) => view.getUint32(start + at, little);
  const entriesAt = (at) => new Map(Array.from({ length: u16(at) }, (_, n) => [u16(at + 2 + 12 * n), at + 2 + 12 * n + 8]));
  const gps = entriesAt(u32(4)).get(GPS_IFD);
  if (gps === undefined) return null;
  const entries = entriesAt(u32(gps));
  const degrees = (tag, reference, negative) => {
    const at = u32(entries.get(tag));
    const [whole, minutes, seconds] = [0, 8, 16].map((step) => u32(at + step) / u32(at + step + 4));
    const sign = view.getUint8(start + entries.get(reference)) === negative.charCodeAt(0) ? -1 : 1;
    return sign * (whole + minutes / 60 + seconds / 3600);
  };
  const point = { latitude: degrees(LATITUDE, LATITUDE_REF, "S"), longitude: degrees(LONGITUDE, LONGITUDE_REF, "W") };
  const isPlace = Math.abs(point.latitude) <= 90 && Math.abs(point.longitude) <= 180 && (point.latitude || point.longitude);
  return isPlace ? point : null;
}

/** Where the TIFF part begins: after "Exif\0\0" in the first APP1 segment. */
function tiffAt(view) {
  if (view.getUint16(0) !== 0xffd8) return null;
  for (let at = 2; view.getUint8(at) === 0xff; at += 2 + view.getUint16(at + 2)) {
    if (view.getUint8(at + 1) === 0xe1 && view.getUint32(at + 4) === 0x45786966) return at + 10;
  }
  return null;
}
