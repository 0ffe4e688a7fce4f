// Reads a log with the code that checks Sigstore's: the checkpoint, and that entries are in it.
//
// Usage: node log.mjs ADDRESS VKEY SIZE

import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { verifyTLogInclusion } = require('./node_modules/@sigstore/verify/dist/tlog');

const SPKI = Buffer.from('302a300506032b6570032100', 'hex'); // Ed25519 (RFC 8410)
const WIDTH = 256;
const [address, vkey, size] = process.argv.slice(2);

async function get(path) {
  const answer = await fetch(address + path);
  assert.equal(answer.status, 200, path);
  return Buffer.from(await answer.arrayBuffer());
}

function authority() {
  const [, name, id, key] = /^(.+?)\+([0-9a-f]{8})\+(.+)$/.exec(vkey);
  const der = Buffer.concat([SPKI, Buffer.from(key, 'base64').subarray(1)]);
  const publicKey = createPublicKey({ key: der, format: 'der', type: 'spki' });
  return { logID: Buffer.from(id, 'hex'), publicKey, baseURL: `https://${name}` };
}

async function record(index) {
  const number = Math.floor(index / WIDTH);
  const width = Math.min(WIDTH, size - number * WIDTH);
  const name = String(number).padStart(3, '0') + (width < WIDTH ? `.p/${width}` : '');
  let data = await get(`/log/tile/entries/${name}`);
  for (let skip = index % WIDTH; skip > 0; skip -= 1) data = data.subarray(2 + data.readUInt16BE());
  return data.subarray(2, 2 + data.readUInt16BE());
}

async function entry(index, envelope) {
  const proof = JSON.parse(await get(`/log/proof/inclusion?index=${index}&size=${size}`));
  const hashes = proof.proof.map((each) => Buffer.from(each, 'base64'));
  const inclusionProof = { checkpoint: { envelope }, logIndex: String(index), hashes };
  return { canonicalizedBody: await record(index), inclusionProof };
}

const envelope = (await get('/log/checkpoint')).toString();
assert.equal(envelope.split('\n')[1], size);
const logs = [authority()];
const indices = [0, 1, 255, 256, 65535, 65536, 69887, 69888, size - 1];
for (const index of indices) {
  const found = await entry(index, envelope);
  verifyTLogInclusion(found, logs);
  found.inclusionProof.hashes[0][0] ^= 1;
  assert.throws(() => verifyTLogInclusion(found, logs), /root hash/, 'a false proof');
}
const changed = await entry(0, envelope.replace(size, '70001'));
assert.throws(() => verifyTLogInclusion(changed, logs), /signature/, 'a changed checkpoint');
console.log(`npm @sigstore/verify: checkpoint, ${indices.length} inclusion proofs`);
