import { expect, it } from '@jest/globals';
import { newPdf } from './pdf.ts';
import { textOfPdf } from './testing/index.ts';

const options = { size: [100, 100], margin: 10, title: 'A page' } as const;

it('draws documents one by one, in their order, and refuses more than can wait', async () => {
  const drawn: number[] = [];
  let begin = (): void => undefined;
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const all = Array.from({ length: 22 }, (_, number) =>
    newPdf(options, async (pdf) => {
      await begun;
      drawn.push(number);
      pdf.font('regular').text(`page ${number}`, 10, 10);
      await Promise.resolve();
      drawn.push(number);
    }),
  );
  await expect(all.at(-1)).rejects.toMatchObject({ code: 'bulkhead_full' });
  expect(drawn).toEqual([]);
  begin();
  const [first] = await Promise.all(all.slice(0, -1));
  expect(textOfPdf(first as Buffer)).toContain('page 0');
  expect(drawn).toEqual(Array.from({ length: 21 }, (_, number) => [number, number]).flat());
});
