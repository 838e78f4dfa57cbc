import { useSignal } from '@preact/signals';
import type { Schemas } from '@waybill/client';
import type { JSX } from 'preact';

/** The picture of a product beside its name, which says what it shows; a letter where there is none. */
export function ProductPicture({
  product: { name, imageUrl },
}: {
  product: Pick<Schemas['Product'], 'name' | 'imageUrl'>;
}): JSX.Element {
  const isMissing = useSignal(imageUrl === '');
  if (isMissing.value) {
    return (
      <span class="picture" aria-hidden="true">
        {name.slice(0, 1)}
      </span>
    );
  }
  return (
    <img
      class="picture"
      src={imageUrl}
      alt=""
      width="240"
      height="240"
      loading="lazy"
      onError={() => {
        isMissing.value = true;
      }}
    />
  );
}
