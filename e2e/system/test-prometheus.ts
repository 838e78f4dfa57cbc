import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@waybill/embedded-postgres';
import { testProgram } from '@waybill/stack';
import { eventually } from './eventually.ts';

/** A Prometheus that scrapes one address every second, with a folder of its own. */
export class TestPrometheus {
  private constructor(
    private readonly process: ChildProcess,
    private readonly folder: string,
    private readonly url: string,
  ) {}

  /** Resolves when it has scraped the system often enough for rates. */
  static async scraping(url: string): Promise<TestPrometheus> {
    const program = testProgram('prometheus');
    if (program === undefined) throw new Error('there is no Prometheus');
    const folder = mkdtempSync(join(tmpdir(), 'waybill-prometheus-'));
    const config = {
      global: { scrape_interval: '1s' },
      scrape_configs: [
        {
          job_name: 'waybill',
          honor_labels: true,
          static_configs: [{ targets: [new URL(url).host] }],
        },
      ],
    };
    // JSON is YAML.
    writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(config));
    const port = await freePort(0);
    const words = [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ];
    const running = spawn(program, words, { stdio: 'ignore' });
    const prometheus = new TestPrometheus(running, folder, `http://127.0.0.1:${port}`);
    await eventually('Prometheus has scraped the system three times', async () => {
      const [series] = await prometheus.query('count_over_time(up{job="waybill"}[1m])');
      return Number(series?.value[1] ?? 0) >= 3;
    });
    return prometheus;
  }

  /** The series that a query returns now; none while it does not answer. */
  async query(query: string): Promise<readonly { readonly value: readonly [number, string] }[]> {
    const asked = `${this.url}/api/v1/query?query=${encodeURIComponent(query)}`;
    const answer = await fetch(asked).catch(() => null);
    if (!answer) return [];
    const { status, error, data } = (await answer.json()) as {
      status: string;
      error?: string;
      data?: { result: { value: [number, string] }[] };
    };
    if (status !== 'success') throw new Error(`${query}: ${error}`);
    return data?.result ?? [];
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.process.once('exit', resolve));
    if (this.process.kill('SIGKILL')) await ended;
    rmSync(this.folder, { recursive: true, force: true });
  }
}
