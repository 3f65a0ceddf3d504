// The draft of the form that is open: on the disk from its first photo on, so that closing the page loses nothing.

import { changeDraft, dropDraft, hashPhotos, newDraft, saveDraft, bytesOf } from "./drafts.js";
import { readFields, writeFields } from "./fields.js";
import { askToKeep, hasRoomFor } from "./room.js";
import { newId } from "./secrets.js";

/** The phone has no room for a photo: it is still on the page, and only there. */
export class NoRoom extends Error {}

const bytesIn = (file) => new Response(file).arrayBuffer();

export class Writing {
  /** `made()` gives what a new draft is about; `onRoom(hasRoom)` hears whether all photos are on the disk. */
  constructor(form, field, { made, onRoom }) {
    Object.assign(this, { form, field, made, onRoom });
    this.draft = null;
    this.taken = [];
    this.ids = new Map(); // a file on the page → its photo in the draft
    this.chain = Promise.resolve();
    field.addEventListener("taken", ({ detail }) => { this.taken = detail.photos; this.keep(); });
    let timer = null;
    for (const kind of ["input", "change"]) {
      form.addEventListener(kind, () => { clearTimeout(timer); timer = setTimeout(() => this.keep(), 300); });
    }
    document.addEventListener("visibilitychange", () => { if (document.hidden) this.keep(); });
    field.dispatchEvent(new CustomEvent("ask-taken"));
  }

  /** Write it down, after whatever is being written; gives whether everything is on the disk. */
  keep({ always = false } = {}) {
    this.chain = this.chain.then(() => this._write(always)).then(
      () => { this.onRoom(true); return true; },
      (error) => { this.onRoom(false, error); return false; },
    );
    return this.chain;
  }

  async _write(always) {
    if (this.draft && this.draft.stage !== "editing") return; // the sender's now
    if (!this.taken.length && !always) {
      if (this.draft) await dropDraft(this.draft.client_id);
      if (this.draft) this._let();
      return;
    }
    if (!this.draft) this._begin(newDraft(this.made()));
    const fresh = [];
    const photos = [];
    let without = 0;
    for (const { file, witness } of this.taken) {
      let id = this.ids.get(file);
      if (!id && !(await hasRoomFor(file.size + fresh.reduce((sum, one) => sum + one.file.size, 0)))) {
        without += 1;
        continue;
      }
      if (!id) {
        id = newId();
        fresh.push({ id, file, bytes: await bytesIn(file) });
      }
      photos.push({ id, size: file.size, type: file.type, ...witness });
    }
    const draft = { ...this.draft, fields: readFields(this.form), photos };
    await saveDraft(draft, fresh);
    for (const { id, file } of fresh) this.ids.set(file, id);
    this.draft = draft;
    if (fresh.length) {
      askToKeep();
      hashPhotos(draft).catch(() => {}); // it is done again before sending
    }
    if (without) throw new NoRoom(`${without} photos are on the page only`);
  }

  _begin(draft) {
    this.draft = draft;
    document.documentElement.dataset.writing = draft.client_id;
    const named = this.form.elements.namedItem("client_id");
    if (named) named.value = draft.client_id;
    // Held while this page lives: another tab then does not offer it.
    if (navigator.locks) navigator.locks.request(`hazards-draft-${draft.client_id}`, () => new Promise((end) => { this.release = end; }));
  }

  _let() {
    if (this.release) this.release();
    this.draft = null;
    this.ids.clear();
    delete document.documentElement.dataset.writing;
  }

  /** Go on with a draft from the disk; one that was queued is taken back from the sender first. */
  async open(stored) {
    // The server may have the first one: what is said now is another report.
    const anew = stored.verdict && stored.verdict.why === "reused" ? newId() : null;
    const draft = await changeDraft(stored.client_id, () => ({ stage: "editing", verdict: null }));
    if (!draft) return;
    const photos = [];
    for (const [index, photo] of draft.photos.entries()) {
      const bytes = await bytesOf(photo);
      if (!bytes) continue;
      const file = new File([bytes], `photo-${index + 1}`, { type: photo.type });
      this.ids.set(file, photo.id);
      const { captured_at, position } = photo;
      photos.push({ file, witness: captured_at ? { captured_at, position } : {} });
    }
    if (anew) {
      this.ids.clear(); // photos are written once more, under the new name
      this.old = draft.client_id;
    }
    this._begin(anew ? { ...draft, client_id: anew, claim: undefined, pass: undefined, photos: [] } : draft);
    writeFields(this.form, draft.fields);
    this.field.dispatchEvent(new CustomEvent("give-back", { detail: { photos } }));
    if ((await this.keep()) && this.old) await dropDraft(this.old);
    this.old = null;
  }

  /** Hand it to the sender. */
  async queue() {
    const told = { stage: "queued", queued_at: Date.now(), tries: 0, next_try_at: 0, not_before: 0, verdict: null };
    this.draft = { ...this.draft, ...told };
    await saveDraft(this.draft);
    return this.draft;
  }

  /** Take it back from the sender, to be corrected on this page. */
  async back({ anew = false } = {}) {
    const { client_id } = this.draft;
    const draft = await changeDraft(client_id, () => ({ stage: "editing" }));
    if (!draft) return;
    if (anew) {
      this._let();
      if (await this.keep()) await dropDraft(client_id);
    } else this.draft = draft;
  }

  /** The form goes straight to the server; what the phone has of it is kept until a person has looked. */
  async posted() {
    if (!this.draft) return;
    const verdict = { kind: "attention", why: "posted", sentences: [], at: Date.now() };
    const { client_id } = this.draft;
    this._let();
    this.taken = [];
    await changeDraft(client_id, () => ({ stage: "attention", verdict }));
  }

  /** Another one, on the same page. */
  anew() {
    this._let();
    this.form.reset();
    this.taken = [];
    const named = this.form.elements.namedItem("client_id");
    if (named) named.value = newId();
    this.field.dispatchEvent(new CustomEvent("give-back", { detail: { photos: [] } }));
  }

  discard() {
    const gone = this.draft && this.draft.client_id;
    this._let();
    return gone ? dropDraft(gone) : Promise.resolve();
  }
}
