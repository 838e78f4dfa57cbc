import { enteredLine } from '@waybill/contracts';
import { z } from 'zod';
import { roles } from './caller.ts';
import { passwordHashForm } from './password.ts';

const user = z.strictObject({
  id: z.uuid(),
  email: z.email().max(320),
  name: enteredLine(1, 100),
  roles: z.array(z.enum(roles)).min(1),
  passwordHash: z.string().regex(passwordHashForm, 'is scrypt$N$r$p$salt$key'),
});
export type DevelopmentUser = z.output<typeof user>;

/** The users of a fresh system; the password of each is `waybill`. */
const seeded: readonly DevelopmentUser[] = [
  {
    id: '01980000-0000-7000-8000-00000000ada0',
    email: 'ada@example.com',
    name: 'Ada Lovelace',
    roles: ['customer'],
    passwordHash:
      'scrypt$16384$8$1$oUMF6BMtxiTw5eerGOCNHw$6QPZQX9Tcsn_ZtgLkhzVHuFdNar_0Me6MgBsFskYZr0',
  },
  {
    id: '01980000-0000-7000-8000-0000000060ac',
    email: 'grace@example.com',
    name: 'Grace Hopper',
    roles: ['customer'],
    passwordHash:
      'scrypt$16384$8$1$KbPHsz-H6a2xWUghlParvg$PAvbKaUbps4zjiisxf4JBG_hzAH7yv4WkG2y3prf0vo',
  },
  {
    id: '01980000-0000-7000-8000-000000000095',
    email: 'ops@example.com',
    name: 'Operator',
    roles: ['operator'],
    passwordHash:
      'scrypt$16384$8$1$vPoj0TuXUjSNf8q1OdKJ3A$BagQudgiMNXCbA09DftLRUv4Yi1D1VIGYlykwJd4XvU',
  },
];

const json = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'is no JSON' });
    return z.NEVER;
  }
});

/** The setting `DEVELOPMENT_USERS`: a JSON list, which replaces the seeded users. */
export const developmentUsers = json
  .pipe(z.array(user).min(1))
  .optional()
  .transform((users) => users ?? seeded);
