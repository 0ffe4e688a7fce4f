// Syncs repositories of snapshots with npm's TUF client, those of attackers, too.
//
// Usage: node snapshots.mjs ADDRESS FOLDER CASES

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Updater } from 'tuf-js';

const TARGET = 'registry/snapshot';
const FORMAT = 'touchstone-snapshot/2\n';
const [address, folder, cases] = process.argv.slice(2);

async function visit(repository, metadataDir) {
  const updater = new Updater({
    metadataDir,
    metadataBaseUrl: `${address}/${repository}/metadata`,
    targetDir: metadataDir,
    targetBaseUrl: `${address}/${repository}/targets`,
  });
  await updater.refresh();
  const target = await updater.getTargetInfo(TARGET);
  assert.ok(target.custom.checkpoint.startsWith('registry.example/log\n'));
  const path = await updater.downloadTarget(target, join(metadataDir, 'snapshot'));
  assert.equal(readFileSync(path).subarray(0, FORMAT.length).toString(), FORMAT);
}

const all = JSON.parse(cases);
for (const [number, { visits, root, error }] of all.entries()) {
  const trusted = join(folder, `trusted-${number}`);
  mkdirSync(trusted);
  writeFileSync(join(trusted, 'root.json'), root);
  const last = visits.pop();
  for (const each of visits) await visit(each, trusted);
  if (error) await assert.rejects(visit(last, trusted), new RegExp(error), last);
  else await visit(last, trusted);
}
console.log(`npm tuf-js: ${all.length} repositories of snapshots, of which ${all.filter((each) => each.error).length} refused`);
