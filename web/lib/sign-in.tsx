import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { hasEnded, register, signIn } from './session.ts';

const seeded = ['ada@example.com', 'grace@example.com', 'ops@example.com'];

/** The form for those who are not signed in, with the users of a system that runs for development. */
export function SignIn({ canRegister = false }: { canRegister?: boolean }): JSX.Element {
  const trouble = useSignal<string | null>(null);
  const busy = useSignal(false);
  const isNew = useSignal(false);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const text = (name: string) => String(form.get(name) ?? '').trim();
    const secret = String(form.get('password'));
    busy.value = true;
    trouble.value = await (isNew.value
      ? register(text('name'), text('email'), secret)
      : signIn(text('email'), secret)
    ).catch(() => 'The shop does not answer.');
    busy.value = false;
  };
  const title = isNew.value ? 'Create an account' : 'Sign in';
  return (
    <section class="card narrow" aria-labelledby="sign-in">
      <h2 id="sign-in">{title}</h2>
      <p role="status">
        {hasEnded.value && 'Your session has ended. Sign in again, and go on where you were.'}
      </p>
      {!isNew.value && (
        <p class="quiet">
          A system that was started for development knows {seeded.join(', ')} with the password
          “waybill”.
        </p>
      )}
      <form onSubmit={(event) => void submit(event)}>
        {isNew.value && (
          <label>
            Your name
            <input name="name" autocomplete="name" maxLength={100} required />
          </label>
        )}
        <label>
          E-mail
          <input name="email" type="email" autocomplete="username" list="seeded" required />
        </label>
        <datalist id="seeded">
          {seeded.map((email) => (
            <option key={email} value={email} />
          ))}
        </datalist>
        <label>
          Password
          <input
            name="password"
            type="password"
            autocomplete={isNew.value ? 'new-password' : 'current-password'}
            required
          />
        </label>
        <p class="trouble" role="alert">
          {trouble.value}
        </p>
        <button type="submit" disabled={busy.value}>
          {title}
        </button>
        {canRegister && (
          <button
            type="button"
            class="plain"
            onClick={() => {
              isNew.value = !isNew.value;
            }}
          >
            {isNew.value ? 'I have an account' : 'I am new here'}
          </button>
        )}
      </form>
    </section>
  );
}
