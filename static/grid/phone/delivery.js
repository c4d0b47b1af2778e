/**
 * How one record of the outbox is brought to the server: what is asked, and whether the answer really is its
 * acknowledgement. Knows nothing of queues. An outcome is one of
 *
 * - {done: answer}: the server has it
 * - {at: bytes}: a piece of a file arrived, and the next begins there
 * - {failure}: as of send.js, or kind "unreadable": the phone itself no longer has the file
 */
const PIECE = 256 * 1024; // bytes of a file in one request
const SMALLEST = 32 * 1024;

const UNREADABLE = { kind: "unreadable", status: 0, code: "file_gone", message: "", fields: {} };

export class Delivery {
  #piece = PIECE;
  #sure = null; // The file whose position the server told last; of all others it is asked first.
  #open = null; // {id, blob} of the file on its way, not read anew for each piece

  constructor({ store, send, now }) {
    Object.assign(this, { store, send, now });
  }

  async deliver(record) {
    if (record.kind === "file") return this.#file(record);
    const answer = await this.send(request(record, this.now()));
    if (answer.kind !== "ok") return { failure: answer };
    const known = record.kind === "move" ? record.event : record.id;
    return answer.body.id === known ? { done: answer.body } : { failure: foreign(answer) };
  }

  async #file(record) {
    const { event, id, training, body } = record;
    const path = `events/${event}/evidence/${body.kind}/${body.sha256}/`;
    const fresh = record.tries === 0 && record.sent_bytes === 0;
    if (!fresh && this.#sure !== id) {
      const state = await this.send({ path, size: body.size, training });
      if (state.kind !== "ok") return { failure: state };
      const outcome = read(state, body);
      if (outcome.failure || outcome.done || outcome.at !== record.sent_bytes) return this.#told(id, outcome);
    }
    const piece = await this.#read(id, record.sent_bytes); // An empty one when only the end was lost.
    if (!piece) return { failure: UNREADABLE };
    const answer = await this.send({
      method: "PUT",
      path: `${path}?offset=${record.sent_bytes}`,
      bytes: piece,
      size: body.size,
      training,
    });
    if (answer.kind === "ok") {
      const outcome = read(answer, body);
      this.#piece = Math.min(PIECE, this.#piece * 2);
      return this.#told(id, outcome.at <= record.sent_bytes ? { failure: foreign(answer) } : outcome);
    }
    if (answer.code === "wrong_offset") {
      const { received_bytes: at } = answer.body;
      const usable = isWithin(at, body.size) && at !== record.sent_bytes;
      return this.#told(id, usable ? { at, astray: true } : { failure: foreign(answer) });
    }
    if (answer.kind === "offline") this.#piece = Math.max(SMALLEST, this.#piece / 2);
    return this.#told(id, { failure: answer });
  }

  #told(id, outcome) {
    this.#sure = outcome.failure ? null : id;
    if (outcome.done || outcome.failure) this.#open = null;
    return outcome;
  }

  /** The next bytes, null when the phone has lost them. */
  async #read(id, from) {
    if (this.#open?.id !== id) this.#open = { id, blob: await this.store.file(id) };
    const { blob } = this.#open;
    return blob && blob.slice(from, from + this.#piece).arrayBuffer().catch(() => null);
  }
}

function request(record, now) {
  const { kind, id, training, body } = record;
  if (kind === "report") {
    return { method: "POST", path: "events/", json: { ...body, id, sent_at: new Date(now).toISOString() }, training };
  }
  if (kind === "complaint") return { method: "POST", path: "complaints/", json: { ...body, id }, training };
  return { method: "POST", path: `events/${record.event}/moves/`, json: { ...body, request_id: id }, training };
}

/** What the server says of a file. */
function read(answer, { sha256, size }) {
  const { body } = answer;
  if (body.sha256 !== sha256) return { failure: foreign(answer) };
  if (body.received) return { done: body };
  return isWithin(body.received_bytes, size) ? { at: body.received_bytes } : { failure: foreign(answer) };
}

const isWithin = (at, size) => Number.isInteger(at) && at >= 0 && at <= size;

/** An answer that reads well and is not about this: as good as none. */
const foreign = (answer) => ({ ...answer, kind: "offline" });
