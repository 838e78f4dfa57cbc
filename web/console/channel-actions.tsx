import type { Schemas } from '@waybill/client';
import type { JSX } from 'preact';
import { Action } from './action.tsx';
import { name, pause, purge, resume, seek } from './one-channel.ts';

/** What an operator may do with a channel. */
export function ChannelActions({
  channel: { paused, subscribers, kind },
}: {
  channel: Schemas['Channel'];
}): JSX.Element {
  const groups = subscribers.map(({ group }) => group).join(', ');
  return (
    <div class="actions">
      {paused ? (
        <Action
          label="Resume"
          question={`Resume ${name}?`}
          effect={`${groups} continue with what waits.`}
          done={`${name} is resumed.`}
          run={resume}
        />
      ) : (
        <Action
          label="Pause"
          question={`Pause ${name}?`}
          effect={`${groups} take nothing more of it until it is resumed. Messages wait at the broker; orders may wait with them.`}
          done={`${name} is paused.`}
          run={pause}
        />
      )}
      {(kind === 'event' || kind === 'activity') && <Seek groups={subscribers} paused={paused} />}
      <Action
        isGrave
        label="Purge"
        question={`Remove everything that waits in ${name}?`}
        effect="What waits is gone for good and never processed. Sagas that wait for it time out."
        done={`What waited in ${name} is gone.`}
        run={(form) => purge(String(form.get('confirm')))}
      >
        <label>
          The name of the channel, to confirm
          <input name="confirm" required maxLength={255} autocomplete="off" />
        </label>
      </Action>
    </div>
  );
}

function Seek({
  groups,
  paused,
}: {
  groups: readonly { readonly group: string }[];
  paused: boolean;
}): JSX.Element {
  return (
    <Action
      label="Seek"
      question="Move a group to another place?"
      effect={`${paused ? '' : 'Pause the channel first: a group that is consumed cannot be moved. '}From the earliest message on, the group processes again what is still retained, and knows what it has processed; from the latest on, it leaves out what waits.`}
      done="The group continues there."
      run={(form) =>
        seek(String(form.get('group')), form.get('to') === 'latest' ? 'latest' : 'earliest')
      }
    >
      <label>
        Group
        <select name="group">
          {groups.map(({ group }) => (
            <option key={group}>{group}</option>
          ))}
        </select>
      </label>
      <label>
        To
        <select name="to">
          <option value="earliest">the earliest message</option>
          <option value="latest">the latest message</option>
        </select>
      </label>
    </Action>
  );
}
