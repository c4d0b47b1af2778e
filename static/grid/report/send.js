/**
 * Sending over a bad network. Every failure is one of: "offline", "server", "log_in", "refused" (with the
 * server's code, message and fields). All of them may be sent again: the server stores a key only once.
 */
const TIMEOUT = 20_000; // milliseconds for the report
const PHOTO_TIMEOUT = 120_000;
const TRIES = 3;

export class SendError extends Error {
  constructor(kind, answer = {}) {
    super(kind);
    this.kind = kind;
    this.code = answer.code ?? kind;
    this.answer = answer;
  }
}

export const token = () => document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] ?? "";

/** The mode the page was opened in: the server refuses a report that another tab would turn into practice. */
const training = () => (document.body.classList.contains("in-training") ? "1" : "0");

/** Returns the stored event: {id, number, url, place, ...}. */
export async function sendReport(url, body) {
  let response;
  try {
    response = await fetch(url, {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token(), "X-Training": training() },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout?.(TIMEOUT),
    });
  } catch {
    throw new SendError("offline");
  }
  return answerOf(response.status, await response.text().catch(() => ""), response.redirected);
}

/** Sends one file, again by itself while the network fails; onProgress(share of its bytes). */
export async function sendPhoto(url, file, onProgress) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await upload(url, file, onProgress);
    } catch (error) {
      if (attempt === TRIES || !["offline", "server"].includes(error.kind)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 1000 * 2 ** attempt));
    }
  }
}

function upload(url, file, onProgress) {
  const form = new FormData();
  form.append("kind", file.kind);
  form.append("sha256", file.sha256);
  form.append("file", file.blob, file.name || "photo.jpg");
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.timeout = PHOTO_TIMEOUT;
    request.setRequestHeader("X-CSRFToken", token());
    request.setRequestHeader("Accept", "application/json");
    request.upload.onprogress = ({ loaded, total }) => onProgress(loaded / total);
    request.onerror = request.ontimeout = () => reject(new SendError("offline"));
    request.onload = () => {
      try {
        resolve(answerOf(request.status, request.responseText, !request.responseURL.endsWith(url)));
      } catch (error) {
        reject(error);
      }
    };
    request.send(form);
  });
}

function answerOf(status, text, redirected) {
  let answer = null;
  try {
    answer = JSON.parse(text);
  } catch {
    // A log-in page or a proxy's error page.
  }
  if (status === 401 || redirected || ["not_logged_in", "csrf_expired"].includes(answer?.code)) {
    throw new SendError("log_in", answer ?? {});
  }
  if (status >= 500 || !answer) throw new SendError("server", answer ?? {});
  if (status >= 400) throw new SendError("refused", answer);
  return answer;
}
