// The draft of the form that is open: on the disk from its first photo on, so that closing the page loses nothing.
// Everything that touches it goes one after another (`chain`). Nothing is written that nobody changed, so that a page which
// is only left cannot bring back what went on elsewhere.

import {
  Elsewhere, asAnother, bytesOf, changeDraft, draftOf, dropDraft, hashPhotos, newDraft, saveDraft, takeUp, underOneName,
} from "./drafts.js";
import { dropAndEnd } from "./ending.js";
import { areWords, clearHidden, readFields, writeFields } from "./fields.js";
import { holdDraft } from "./held.js";
import { NoRoom, askToKeep, hasRoomFor } from "./room.js";
import { newId } from "./secrets.js";

const PAUSE_MS = 300;
const bytesIn = (file) => new Response(file).arrayBuffer();

export class Writing {
  /** `made()` gives what a new draft is about; `onKept(error)` hears what became of a writing. */
  constructor(form, field, { made, onKept }) {
    Object.assign(this, { form, field, made, onKept });
    this.draft = null;
    this.old = null; // the draft that this one replaces, until this one is on the disk
    this.taken = [];
    this.ids = new Map(); // a file on the page → its photo in the draft
    this.saved = new Set(); // photos whose bytes are on the disk
    this.last = ""; // what was written last
    this.numbers = new WeakMap(); // a file on the page → its number here
    this.count = 0;
    this.chain = Promise.resolve();
    this.timer = null;
    field.addEventListener("taken", ({ detail }) => { this.taken = detail.photos; this.keep(); });
    for (const kind of ["input", "change"]) {
      form.addEventListener(kind, () => {
        clearTimeout(this.timer);
        this.timer = setTimeout(() => this.keep(), PAUSE_MS);
      });
    }
    document.addEventListener("visibilitychange", () => { if (document.hidden) this.keep(); });
    field.dispatchEvent(new CustomEvent("ask-taken"));
  }

  /** After whatever is being done. */
  _next(work) {
    const done = this.chain.then(work);
    this.chain = done.catch(() => {});
    return done;
  }

  /** Write it down; gives whether everything is on the disk. */
  keep({ always = false } = {}) {
    return this._next(() => this._write(always)).then(
      () => { this.onKept(null); return true; },
      (error) => { this.onKept(error); return false; },
    );
  }

  _idOf(file) {
    if (!this.ids.has(file)) this.ids.set(file, newId());
    return this.ids.get(file);
  }

  /** Whether it is the sender's now. */
  isQueued() {
    return Boolean(this.draft) && this.draft.stage !== "editing";
  }

  /** Whether nothing stands here that anybody would miss. */
  isEmpty() {
    return !this.taken.length && !areWords(readFields(this.form));
  }

  /** Everything that is written, as one text. */
  _told() {
    for (const { file } of this.taken) if (!this.numbers.has(file)) this.numbers.set(file, this.count += 1);
    return JSON.stringify([readFields(this.form), this.taken.map(({ file, witness }) => [this.numbers.get(file), witness])]);
  }

  async _write(always) {
    clearTimeout(this.timer);
    if (this.isQueued()) return;
    if (!this.draft && !this.taken.length && !always) return;
    const told = this._told();
    if (!always && told === this.last) return;
    if (this.draft && !always && this.isEmpty()) {
      await this._drop(); // nothing is left of it
      return;
    }
    if (!this.draft) this._begin(newDraft(this.made()));
    await this._firmly(() => this._save());
    this.last = told;
    if (this.old) await dropDraft(this.old.client_id, this.old);
    this.old = null;
  }

  /** Where the draft went on elsewhere, what stands on this page becomes another one, with all its bytes. */
  async _firmly(save) {
    try {
      await save();
    } catch (error) {
      if (!(error instanceof Elsewhere)) throw error;
      this._let();
      this._begin(newDraft(this.made()));
      await this._save();
      await save();
    }
  }

  /** Each new photo by itself, so that no more than one is in memory twice, and a full phone keeps the others. */
  async _save() {
    let [fault, put] = [null, 0];
    for (const { file } of this.taken) {
      const id = this._idOf(file);
      if (this.saved.has(id)) continue;
      try {
        if (!(await hasRoomFor(file.size))) throw new NoRoom();
        await this._put([{ id, bytes: await bytesIn(file) }]);
        put += 1;
      } catch (error) {
        if (error instanceof Elsewhere) throw error;
        fault = fault || error;
      }
    }
    if (!put || fault) await this._put([]);
    if (put) {
      askToKeep();
      hashPhotos(this.draft).catch(() => {}); // it is done again before sending
    }
    if (fault) throw fault;
  }

  async _put(fresh) {
    const there = new Set([...this.saved, ...fresh.map(({ id }) => id)]);
    const photos = this.taken.filter(({ file }) => there.has(this._idOf(file)))
      .map(({ file, witness }) => ({ id: this._idOf(file), size: file.size, type: file.type, ...witness }));
    const place = { ...this.draft.place, label: this.made().place.label };
    this.draft = await saveDraft({ ...this.draft, fields: readFields(this.form), place, photos }, fresh);
    for (const { id } of fresh) this.saved.add(id);
  }

  _begin(draft, held = holdDraft(draft.client_id)) {
    this.draft = draft;
    this.held = held;
    document.documentElement.dataset.writing = draft.client_id;
    const named = this.form.elements.namedItem("client_id");
    if (named) named.value = draft.client_id;
  }

  _let() {
    clearTimeout(this.timer);
    this._letOthers();
    this.draft = null;
    this.last = "";
    this.ids.clear();
    this.saved.clear();
    delete document.documentElement.dataset.writing;
  }

  _letOthers() {
    if (this.held) this.held.then((release) => { if (release) release(); });
    this.held = null;
  }

  async _drop() {
    const { client_id } = this.draft;
    this._let();
    await dropAndEnd(client_id);
  }

  /**
   * Go on with a draft from the disk; one that was queued is taken back from the sender first. Its row stays as it is until
   * somebody changes something. Gives { lost } photos, or null when it is written on by another page.
   */
  async open(stored) {
    const release = await holdDraft(stored.client_id);
    return release ? this._next(() => this._open(stored, release)) : null;
  }

  async _open(stored, release) {
    // The server may have the first one: what is said now is another report.
    const isAnother = Boolean(stored.verdict && stored.verdict.why === "reused");
    const draft = await takeUp(stored.client_id);
    if (!draft) {
      release();
      return null;
    }
    const onDisk = new Set(this.taken.map(({ file }) => file).filter((file) => this.saved.has(this.ids.get(file))));
    this._let();
    const photos = await this._photosOf(draft, isAnother);
    const late = this.taken.filter(({ file }) => !onDisk.has(file)); // taken while this was opened
    this.old = isAnother ? draft : null;
    this._begin(isAnother ? asAnother(draft) : { ...draft, target: this._targetOf(draft) }, isAnother ? undefined : Promise.resolve(release));
    if (isAnother) release();
    writeFields(this.form, draft.fields, draft.place);
    this.field.dispatchEvent(new CustomEvent("give-back", { detail: { photos: [...photos, ...late] } }));
    this.last = late.length ? "" : this._told();
    const lost = draft.photos.length - photos.length;
    if (isAnother && !lost) this.keep({ always: true }); // after this; whether there is room is told
    return { lost };
  }

  async _photosOf(draft, isAnother) {
    const photos = [];
    for (const [index, photo] of draft.photos.entries()) {
      const bytes = await bytesOf(photo);
      if (!bytes) continue;
      const file = new File([bytes], `photo-${index + 1}`, { type: photo.type });
      if (!isAnother) {
        this.ids.set(file, photo.id);
        this.saved.add(photo.id);
      }
      const { captured_at, position } = photo;
      photos.push({ file, witness: captured_at ? { captured_at, position } : {} });
    }
    return photos;
  }

  /** A move follows the hazard as this page shows it now, not as it was when the draft was begun. */
  _targetOf(draft) {
    const { target } = this.made();
    return target && { ...target, version: Math.max(target.version, draft.target.version) };
  }

  /** Hand it to the sender, as it stands on the page; false when it went another way meanwhile. */
  queue() {
    return this._next(async () => {
      if (!this.draft) return false;
      if (this._told() !== this.last) await this._write(true);
      await this._firmly(() => this._queue());
      return true;
    });
  }

  async _queue() {
    // The sender may have told more of it since it was taken back.
    const stands = (await draftOf(this.draft.client_id)) || this.draft;
    const { photos, pass, claim, ending } = { ...stands, ...underOneName({ ...stands, fields: this.draft.fields }) };
    const told = { stage: "queued", queued_at: Date.now(), tries: 0, next_try_at: 0, not_before: 0, verdict: null };
    this.draft = await saveDraft({ ...this.draft, photos, pass, claim, ending, ...told });
    this._letOthers();
  }

  /**
   * Take it back from the sender, who told `why`, to be corrected on this page. False when it is not waited for here any
   * more, or went on elsewhere.
   */
  back(why) {
    return this._next(async () => {
      if (!this.isQueued()) return false;
      const { client_id, rev } = this.draft;
      const release = await holdDraft(client_id);
      const draft = release && (await takeUp(client_id, { rev }));
      if (release && !draft) release();
      if (!draft) return false;
      [this.draft, this.held, this.last] = [draft, Promise.resolve(release), this._told()];
      if (why === "lost") this.saved.clear(); // what the browser cleared is still on this page
      if (why !== "reused") return true;
      this._let();
      this.old = draft;
      this._begin(asAnother(draft));
      this.keep({ always: true }); // after this; whether there is room is told
      return true;
    });
  }

  /** The form goes straight to the server; what the phone has of it is kept until a person has looked. */
  posted() {
    return this._next(async () => {
      if (!this.draft) return;
      const verdict = { kind: "attention", why: "posted", sentences: [], at: Date.now() };
      const { client_id } = this.draft;
      this._let();
      this.last = this._told(); // a late position must not write it down anew
      await changeDraft(client_id, () => ({ stage: "attention", verdict }), { stage: "editing" });
    });
  }

  /** Another one, on the same page; false when the last one has just come back to it. */
  anew() {
    return this._next(() => {
      if (this.draft && !this.isQueued()) return false;
      this._let();
      this.form.reset();
      clearHidden(this.form);
      this.taken = [];
      const named = this.form.elements.namedItem("client_id");
      if (named) named.value = newId();
      this.field.dispatchEvent(new CustomEvent("give-back", { detail: { photos: [] } }));
      return true;
    });
  }

  /** What stands here is not needed, and is not written down again while nobody goes on with it. The sender's stays. */
  discard() {
    return this._next(async () => {
      if (this.isQueued()) return;
      if (this.draft) await this._drop();
      this.last = this._told();
    });
  }
}
