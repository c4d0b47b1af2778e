import assert from "node:assert/strict";
import { test } from "node:test";

import { pointOf } from "../../static/grid/phone/exif.js";

/** A JPEG's head with the GPS part of EXIF: degrees, minutes, seconds, in either byte order. */
function jpeg({ latitude, longitude, north = "N", east = "E", little = true, gps = true }) {
  const view = new DataView(new ArrayBuffer(300));
  const tiff = 12;
  const u16 = (at, value) => view.setUint16(tiff + at, value, little);
  const u32 = (at, value) => view.setUint32(tiff + at, value, little);
  view.setUint16(0, 0xffd8);
  view.setUint16(2, 0xffe1);
  view.setUint16(4, 280);
  view.setUint32(6, 0x45786966);
  view.setUint16(tiff, little ? 0x4949 : 0x4d4d);
  u16(2, 42);
  u32(4, 8);
  u16(8, 1);
  u16(10, gps ? 0x8825 : 0x0100);
  u32(18, 26);
  u16(26, 4);
  const entry = (n, tag, value) => {
    u16(28 + 12 * n, tag);
    if (typeof value === "string") view.setUint8(tiff + 36 + 12 * n, value.charCodeAt(0));
    else u32(36 + 12 * n, value);
  };
  entry(0, 1, north);
  entry(1, 2, 100);
  entry(2, 3, east);
  entry(3, 4, 130);
  const angle = (at, parts) => parts.forEach((part, n) => (u32(at + 8 * n, part * 100), u32(at + 8 * n + 4, 100)));
  angle(100, latitude);
  angle(130, longitude);
  return new Blob([view.buffer], { type: "image/jpeg" });
}

const HANGZHOU = { latitude: [30, 17, 0.6], longitude: [120, 9, 45] };

for (const little of [true, false]) {
  test(`the point of a photo is read, ${little ? "little" : "big"} end first`, async () => {
    const { longitude, latitude } = await pointOf(jpeg({ ...HANGZHOU, little }));
    assert.ok(Math.abs(longitude - 120.1625) < 1e-6);
    assert.ok(Math.abs(latitude - 30.2835) < 1e-6);
  });
}

test("south and west are negative", async () => {
  const point = await pointOf(jpeg({ ...HANGZHOU, north: "S", east: "W" }));
  assert.ok(point.longitude < 0 && point.latitude < 0);
});

test("a photo without a place, cut short, or of nowhere says nothing", async () => {
  assert.equal(await pointOf(jpeg({ ...HANGZHOU, gps: false })), null);
  assert.equal(await pointOf(jpeg(HANGZHOU).slice(0, 60)), null);
  assert.equal(await pointOf(jpeg({ latitude: [0, 0, 0], longitude: [0, 0, 0] })), null);
  assert.equal(await pointOf(jpeg({ latitude: [95, 0, 0], longitude: [10, 0, 0] })), null);
  assert.equal(await pointOf(new Blob(["no picture at all"])), null);
});
