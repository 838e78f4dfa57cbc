import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { type ConformanceCounts, guaranteesTable, resultOf } from '@waybill/messaging/testing';
import { knobsOf } from './options.ts';

const read = (file: string): string => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');

it('the README has the table of what the conformance suite proves', () => {
  const results = (JSON.parse(read('conformance.json')) as ConformanceCounts[]).map(resultOf);
  expect(read('README.md')).toContain(guaranteesTable(results));
});

it('the README names every knob with its default', () => {
  const rows = read('README.md').split('\n');
  for (const [name, usual] of Object.entries(knobsOf({ service: 'shop' }))) {
    const row = rows.find((line) => line.startsWith(`| \`${name}\``));
    expect([name, row?.includes(usual.toLocaleString('en-US'))]).toEqual([name, true]);
  }
});
