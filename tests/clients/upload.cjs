// tus-js-client as a foreign program: node upload.cjs ENDPOINT TOKEN FILE SHA256 CHUNK INTERRUPT_AT
// Says as one line of JSON where it was interrupted and went on, or what refused it.
"use strict";
const fs = require("node:fs");
const http = require("node:http");
const tus = require("tus-js-client");

const [endpoint, token, file, sha256, chunk, interruptAt] = process.argv.slice(2);
const content = fs.readFileSync(file);
const told = { resumedAt: null, url: null };

function options(more) {
  return {
    endpoint,
    headers: { Authorization: `Bearer ${token}` },
    metadata: { sha256 },
    chunkSize: Number(chunk) || Infinity,
    retryDelays: null,
    onError(error) {
      const answer = error.originalResponse;
      process.stdout.write(JSON.stringify({ ...told, refused: answer ? answer.getStatus() : String(error) }));
      process.exit(0);
    },
    ...more,
  };
}

function goOn(url) {
  let isFirst = true;
  const upload = new tus.Upload(content, options({
    uploadUrl: url,
    onProgress(sent) {
      if (isFirst) {
        told.resumedAt = sent;
        isFirst = false;
      }
    },
    onSuccess() {
      process.stdout.write(JSON.stringify({ ...told, done: true }));
    },
  }));
  upload.start();
}

// What was sent may still be on its way when the line is cut, and the server not have heard of it. A server that never
// keeps a part is asked for a minute, and then found out by where the upload goes on.
function whenSomeCame(url, then, tries = 600) {
  const asked = http.request(url, {
    method: "HEAD",
    headers: { Authorization: `Bearer ${token}`, "Tus-Resumable": "1.0.0" },
  }, (answer) => {
    answer.resume();
    if (Number(answer.headers["upload-offset"]) > 0 || tries <= 0) then();
    else setTimeout(() => whenSomeCame(url, then, tries - 1), 100);
  });
  asked.end();
}

const limit = Number(interruptAt);
let isInterrupted = false;
const first = new tus.Upload(content, options({
  onProgress(sent) {
    if (limit && !isInterrupted && sent >= limit) {
      isInterrupted = true;
      told.url = first.url;
      first.abort().then(() => whenSomeCame(first.url, () => goOn(first.url)));
    }
  },
  onSuccess() {
    // A small file may have gone out whole before it could be interrupted.
    if (isInterrupted) return;
    told.url = first.url;
    process.stdout.write(JSON.stringify({ ...told, done: true }));
  },
}));
first.start();
