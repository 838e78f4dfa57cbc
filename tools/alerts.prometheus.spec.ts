import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { testProgram } from '@waybill/stack';
import { parse } from 'yaml';
import { root } from './repository.ts';

const cwd = join(root, 'docker', 'observability');

interface Rule {
  readonly alert?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}
interface RuleFile {
  readonly groups: readonly { readonly rules: readonly Rule[] }[];
}
interface TestFile {
  readonly tests: readonly {
    readonly alert_rule_test: readonly {
      readonly alertname: string;
      readonly exp_alerts: readonly object[];
    }[];
  }[];
}

const file = (name: string): unknown => parse(readFileSync(join(cwd, name), 'utf8'));

async function promtool(...words: readonly string[]): Promise<string> {
  const program = testProgram('promtool');
  if (program === undefined) throw new Error('there is no promtool');
  const { stdout, stderr } = await promisify(execFile)(program, [...words], { cwd });
  return stdout + stderr;
}

describe('the alert rules', () => {
  const alerts = (file('alerts.yml') as RuleFile).groups
    .flatMap(({ rules }) => rules)
    .filter(({ alert }) => alert !== undefined);

  it('are rules of Prometheus, which scrapes the services', async () => {
    expect(await promtool('check', 'rules', 'alerts.yml')).toContain('SUCCESS');
    expect(await promtool('check', 'config', '--syntax-only', 'prometheus.yml')).toContain(
      'SUCCESS',
    );
  });

  it('fire when they should, and not before', async () => {
    expect(await promtool('test', 'rules', 'alerts.test.yml')).toContain('SUCCESS');
  });

  it('are each seen firing in a test', () => {
    const fired = (file('alerts.test.yml') as TestFile).tests
      .flatMap((each) => each.alert_rule_test)
      .filter(({ exp_alerts }) => exp_alerts.length > 0);
    const names = new Set(fired.map(({ alertname }) => alertname));
    expect(alerts.length).toBeGreaterThan(6);
    expect(alerts.filter(({ alert = '' }) => !names.has(alert))).toEqual([]);
  });

  it.each(alerts)('$alert says what is wrong, how bad it is, and where its runbook is', (rule) => {
    const { labels, annotations } = rule;
    expect(['warning', 'critical']).toContain(labels?.['severity']);
    expect(annotations?.['summary']).toMatch(/./);
    expect(existsSync(join(root, annotations?.['runbook'] ?? ''))).toBe(true);
  });
});
