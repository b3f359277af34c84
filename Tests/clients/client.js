// Bidi full duplex and failing streams with Node's http: node client.js PORT
'use strict';
const assert = require('node:assert');
const http = require('node:http');
const port = Number(process.argv[2]);

function lines(response, onLine) {
  let rest = '';
  response.setEncoding('utf8');
  response.on('data', (text) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop();
    parts.forEach(onLine);
  });
}

function duplex() {
  return new Promise((resolve, reject) => {
    const request = http.request({
      port, host: '127.0.0.1', method: 'POST', path: '/v1/orders:process',
      headers: { 'Content-Type': 'application/x-ndjson' },
    }, (response) => {
      const seen = [];
      lines(response, (line) => {
        seen.push(JSON.parse(line).id);
        // The next message is sent when the answer to the one before is here.
        if (seen.length === 1) request.write('"b"\n');
        if (seen.length === 2) request.end('"c"\n');
      });
      response.on('end', () => { assert.deepStrictEqual(seen, ['a', 'b', 'c']); resolve(); });
      response.on('error', reject);
    });
    request.on('error', reject);
    request.write('"a"\n');
  });
}

function search(value, headers) {
  return new Promise((resolve) => {
    http.get({ port, host: '127.0.0.1', path: `/v1/orders:search?value=${value}`, headers }, (response) => {
      response.resume();
      let error = null;
      response.on('error', (e) => { error = e; });
      response.on('close', () => resolve({ error, complete: response.complete, trailers: response.trailers }));
    });
  });
}

async function main() {
  await duplex();
  for (const Accept of ['application/x-ndjson', 'application/json', 'application/json-seq']) {
    const broken = await search('broken', { Accept });
    assert.strictEqual(broken.complete, false, Accept);
    assert.strictEqual(broken.error?.message, 'aborted', Accept);
    assert.strictEqual((await search('whole', { Accept })).complete, true, Accept);
  }
  const told = await search('broken', { TE: 'trailers' });
  assert.strictEqual(told.complete, true);
  assert.strictEqual(told.trailers['grpc-status'], '10');
  assert.strictEqual(told.trailers['grpc-message'], 'as was asked for');
  assert.strictEqual((await search('whole', { TE: 'trailers' })).trailers['grpc-status'], '0');
}

main().catch((error) => { console.error(error); process.exit(1); });
