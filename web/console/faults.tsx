import { effect, signal } from '@preact/signals';
import type { Schemas } from '@waybill/client';
import type { JSX } from 'preact';
import { repeat } from '../lib/repeat.ts';
import { api, user } from '../lib/session.ts';
import { Action } from './action.tsx';
import { outcomeOf } from './call.ts';
import { Missing, Table, Trouble } from './list.tsx';
import { notice } from './notice.ts';
import { duration, percent } from './times.ts';

type Fault = Schemas['Fault'];

const faults = signal<readonly Fault[] | null>(null);
const missing = signal<readonly string[]>([]);
const trouble = signal<string | null>(null);

async function read(): Promise<void> {
  const { data, trouble: why } = await outcomeOf(api.GET('/api/v1/faults'));
  trouble.value = why;
  if (!data) return;
  faults.value = data.items;
  missing.value = data.missing;
}

effect(() => (user.value ? repeat(read, 3_000) : undefined));

async function set(name: string, share: number, latencyMs: number): Promise<string | null> {
  const done = await outcomeOf(
    api.PUT('/api/v1/faults/{name}', { params: { path: { name } }, body: { share, latencyMs } }),
  );
  await read();
  return done.trouble;
}

/** Off is never a risk, so nothing is asked. */
async function clear(): Promise<void> {
  const { data, trouble: why } = await outcomeOf(api.DELETE('/api/v1/faults'));
  await read();
  if (why) trouble.value = why;
  else if (data && data.missing.length > 0)
    trouble.value = `${data.missing.join(', ')} did not answer. Try again.`;
  else notice.value = 'All faults are off.';
}

const isOn = ({ share, latencyMs }: Fault): boolean => share > 0 || latencyMs > 0;

/** What a share of the calls or messages meets, and what the time is of. */
const words: Readonly<Record<Fault['effect'], { readonly share: string; readonly time: string }>> =
  {
    failure: { share: 'fail', time: 'late' },
    duplicate: { share: 'arrive twice', time: 'later' },
    reorder: { share: 'are overtaken', time: 'long' },
    outage: { share: '', time: 'without it' },
  };

const inWords = ({ effect, share, latencyMs }: Fault): string =>
  [
    ...(share > 0 ? [`${percent(share)} ${words[effect].share}`] : []),
    ...(latencyMs > 0 ? [`${duration(latencyMs)} ${words[effect].time}`] : []),
  ].join(', ');

/** What goes wrong on purpose, and one button against all of it. */
export function Faults(): JSX.Element {
  const all = faults.value ?? [];
  const on = all.filter(isOn);
  const services = [...new Set(all.map(({ service }) => service))];
  return (
    <>
      <div class="title">
        <h1>Faults</h1>
        <span class={`status ${on.length > 0 ? 'stuck' : 'off'}`}>
          {on.length > 0 ? `${on.length} on` : 'all off'}
        </span>
      </div>
      <Trouble text={trouble.value} />
      <Missing services={missing.value} />
      <p>
        <button type="button" disabled={on.length === 0} onClick={() => void clear()}>
          All off
        </button>
      </p>
      {services.map((service) => (
        <section key={service} class="card alike" aria-labelledby={`faults-${service}`}>
          <h2 id={`faults-${service}`}>{service}</h2>
          <FaultTable of={service} faults={all.filter((fault) => fault.service === service)} />
        </section>
      ))}
    </>
  );
}

function FaultTable({ of, faults: some }: { of: string; faults: readonly Fault[] }): JSX.Element {
  return (
    <Table
      of={`faults of ${of}`}
      items={some}
      keyOf={({ name }) => name}
      columns={[
        {
          title: 'Fault',
          of: ({ name, about }) => (
            <>
              <span>{name}</span>
              <small class="quiet under">{about}</small>
            </>
          ),
        },
        {
          title: 'Now',
          of: (fault) => (
            <span class={`status ${isOn(fault) ? 'stuck' : 'off'}`}>
              {isOn(fault) ? inWords(fault) : 'off'}
            </span>
          ),
        },
        { title: 'Set by', isWide: true, of: ({ setBy }) => setBy },
        { title: 'Change', isAction: true, of: (fault) => <Change fault={fault} /> },
      ]}
    />
  );
}

const consequence: Readonly<Record<Fault['effect'], string>> = {
  failure:
    'Nothing is lost: what fails is tried again, and becomes a dead letter after its last attempt.',
  duplicate: 'The second one has no effect: its id is known.',
  reorder: 'Only messages of other keys overtake. Those of one key stay in order.',
  outage:
    'Messages wait in the outbox and at the broker. It ends by itself, or when it is switched off.',
};

function Change({ fault }: { fault: Fault }): JSX.Element {
  const { name, about, effect, share, latencyMs } = fault;
  const isOutage = effect === 'outage';
  return (
    <Action
      label="Set"
      question={`Set the fault ${name}?`}
      effect={`It concerns ${about}. ${consequence[effect]}`}
      done={`The fault ${name} is set.`}
      run={(form) => set(name, Number(form.get('share')) / 100, Number(form.get('latency')))}
    >
      {!isOutage && (
        <label>
          Percent that {words[effect].share}
          <input
            name="share"
            type="number"
            min={0}
            max={100}
            defaultValue={String(Math.round(share * 100))}
            required
          />
        </label>
      )}
      <label>
        Milliseconds {words[effect].time}
        <input
          name="latency"
          type="number"
          min={0}
          max={60_000}
          defaultValue={String(latencyMs)}
          required
        />
      </label>
    </Action>
  );
}
