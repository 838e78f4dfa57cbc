import type { JSX } from 'preact';
import { Action } from './action.tsx';
import {
  type Alert,
  acknowledge,
  alerts,
  channels,
  endSilence,
  silence,
  silences,
  state,
  states,
  testChannel,
} from './alert-lists.ts';
import { Choice } from './choice.tsx';
import { List } from './list.tsx';
import { Time } from './time.tsx';
import { amount, duration, figure } from './times.ts';

/** What is wrong, and who looks at it. */
export function Alerts(): JSX.Element {
  return (
    <>
      <h1>Alerts</h1>
      <Choice label="State" name="state" values={states} chosen={state} />
      <List
        of="alerts"
        none="Nothing is wrong."
        rows={alerts}
        keyOf={({ id }) => id}
        columns={[
          { title: 'Alert', of: (alert) => <Summary alert={alert} /> },
          {
            title: 'State',
            of: ({ state: its, silenced, acknowledgedBy }) => (
              <>
                <span class={`status ${its}`}>{silenced ? `${its}, silenced` : its}</span>
                {acknowledgedBy && <small class="quiet under">by {acknowledgedBy}</small>}
              </>
            ),
          },
          { title: 'Value', of: (alert) => inWords(alert) },
          { title: 'Since', of: ({ startedAt }) => <Time at={startedAt} /> },
          { title: 'Do', isAction: true, of: (alert) => <AlertActions alert={alert} /> },
        ]}
      />
      <h2>Silences</h2>
      <Silences />
      <h2>How alerts are sent</h2>
      <div class="actions">
        {channels.map((channel) => (
          <Action
            key={channel}
            label={`Test ${channel}`}
            question={`Send a test by ${channel}?`}
            effect="Whoever receives alerts there receives a line that says that nothing is to be done."
            done={`The test went out by ${channel}.`}
            run={() => testChannel(channel)}
          />
        ))}
      </div>
    </>
  );
}

const Summary = ({
  alert: { summary, service, check, about, runbook },
}: {
  alert: Alert;
}): JSX.Element => (
  <>
    <span>{summary}</span>
    <small class="quiet under">
      {service}, {check}
      {about && `, ${about}`}, <a href={runbook}>what to do</a>
    </small>
  </>
);

/** The unit stands beside the value. */
const limit = (threshold: number, unit: string): string =>
  unit === 'ms' ? duration(threshold) : figure(threshold);

const inWords = ({ value, threshold, unit }: Alert): string =>
  value === null
    ? ''
    : `${amount(value, unit)}${threshold === null ? '' : `, limit ${limit(threshold, unit)}`}`;

function AlertActions({ alert }: { alert: Alert }): JSX.Element | null {
  if (alert.state === 'resolved') return null;
  return (
    <div class="actions">
      {alert.state === 'firing' && (
        <Action
          label="Acknowledge"
          question="Acknowledge this alert?"
          effect="It is not sent again until it is resolved. The others see that you look at it."
          done="The alert is acknowledged."
          run={() => acknowledge(alert.id)}
        />
      )}
      {!alert.silenced && <SilenceAction alert={alert} />}
    </div>
  );
}

const SilenceAction = ({ alert }: { alert: Alert }): JSX.Element => (
  <Action
    label="Silence"
    question={`Silence ${alert.rule} of ${alert.service}?`}
    effect="Alerts of this rule and this service are not sent until the silence ends. They stay in this list."
    done="The alert is silenced."
    run={(form) => silence(alert, String(form.get('comment')).trim(), Number(form.get('minutes')))}
  >
    <label>
      Why
      <input name="comment" required maxLength={200} />
    </label>
    <label>
      Minutes
      <input name="minutes" type="number" min={1} max={43_200} defaultValue="60" required />
    </label>
  </Action>
);

function Silences(): JSX.Element {
  return (
    <List
      of="silences"
      rows={silences}
      keyOf={({ id }) => id}
      columns={[
        { title: 'Silenced', of: ({ rule }) => rule ?? 'every rule' },
        { title: 'Of', of: ({ service }) => service ?? 'every service' },
        { title: 'Why', of: ({ comment }) => comment },
        { title: 'By', isWide: true, of: ({ createdBy }) => createdBy },
        { title: 'Until', of: ({ endsAt }) => <Time at={endsAt} /> },
        {
          title: 'Do',
          isAction: true,
          of: ({ id }) => (
            <Action
              label="End"
              question="End this silence?"
              effect="Alerts that it covers and that still fire are sent."
              done="The silence has ended."
              run={() => endSilence(id)}
            />
          ),
        },
      ]}
    />
  );
}
