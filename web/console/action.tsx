import { useSignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { useId, useRef } from 'preact/hooks';
import { Trouble } from './list.tsx';
import { notice } from './notice.ts';

/** A button that asks before it does something; the dialog names what will happen. */
export function Action(action: {
  label: string;
  /** What is about to be done: 'Discard this dead letter?' */
  question: string;
  /** What comes of it. */
  effect: string;
  /** For the line of what was done last: 'The dead letter is gone.' */
  done: string;
  /** Resolves with what was wrong; null if nothing was. */
  run: (form: FormData) => Promise<string | null>;
  isGrave?: boolean;
  children?: ComponentChildren;
}): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  const trouble = useSignal<string | null>(null);
  const isBusy = useSignal(false);
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    isBusy.value = true;
    trouble.value = await action.run(new FormData(event.currentTarget as HTMLFormElement));
    isBusy.value = false;
    if (trouble.value) return;
    dialog.current?.close();
    notice.value = action.done;
    // With what is gone, its button is, which would have the focus again.
    requestAnimationFrame(() => {
      if (document.activeElement === document.body) document.getElementById('content')?.focus();
    });
  };
  return (
    <>
      <button
        type="button"
        class={action.isGrave ? 'grave' : ''}
        onClick={() => {
          trouble.value = null;
          dialog.current?.showModal();
        }}
      >
        {action.label}
      </button>
      <dialog ref={dialog} class="card" aria-labelledby={id}>
        <form onSubmit={(event) => void submit(event)}>
          <h2 id={id}>{action.question}</h2>
          <p>{action.effect}</p>
          {action.children}
          <Trouble text={trouble.value} />
          <div class="row">
            <button type="submit" class={action.isGrave ? 'grave' : ''} disabled={isBusy.value}>
              {action.label}
            </button>
            <button type="button" class="plain" onClick={() => dialog.current?.close()}>
              Back
            </button>
          </div>
        </form>
      </dialog>
    </>
  );
}
