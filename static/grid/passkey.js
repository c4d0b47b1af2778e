// A button marked data-passkey makes ("create") or uses ("get") a passkey: it asks the server for a challenge at
// data-url, lets the device answer it, and sends the answer back. Bytes travel as base64url.

const FIELDS = { create: ["attestationObject", "clientDataJSON"], get: ["authenticatorData", "clientDataJSON", "signature", "userHandle"] };
const token = document.querySelector('meta[name="csrf-token"]').content;

const toBytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
const toText = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

function options({ publicKey }) {
  publicKey.challenge = toBytes(publicKey.challenge);
  if (publicKey.user) publicKey.user.id = toBytes(publicKey.user.id);
  for (const key of [...(publicKey.allowCredentials ?? []), ...(publicKey.excludeCredentials ?? [])]) key.id = toBytes(key.id);
  return { publicKey };
}

function answer(credential, fields) {
  const response = {};
  for (const name of fields) if (credential.response[name]) response[name] = toText(credential.response[name]);
  return { id: credential.id, rawId: toText(credential.rawId), type: credential.type, response, clientExtensionResults: {} };
}

async function run({ passkey, url }) {
  const challenge = await fetch(url, { headers: { Accept: "application/json" } });
  const credential = await navigator.credentials[passkey](options(await challenge.json()));
  const sent = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": token },
    body: JSON.stringify(answer(credential, FIELDS[passkey])),
  });
  if (!sent.ok) throw new Error((await sent.json()).message);
  return sent.json();
}

for (const button of document.querySelectorAll("[data-passkey]")) {
  if (!window.PublicKeyCredential) button.disabled = true;
  button.addEventListener("click", async () => {
    const error = button.parentElement.querySelector("[data-passkey-error]");
    button.disabled = true;
    try {
      const told = await run(button.dataset);
      if (told.needs_codes) document.querySelector("[data-codes]").submit();
      else location.assign(told.next ?? button.dataset.done);
    } catch {
      error.hidden = false;
      error.querySelector("span").textContent = button.dataset.failed;
      button.disabled = false;
    }
  });
}
