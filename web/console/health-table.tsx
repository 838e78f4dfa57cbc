import type { JSX } from 'preact';
import { health, metrics, type ServiceHealth } from './overview-figures.ts';
import { amount, duration } from './times.ts';

type Check = ServiceHealth['checks'][number];

/** The health of every service and of the servers that it needs: what is wrong at once, all checks when they are opened. */
export function HealthTable(): JSX.Element {
  return (
    <section class="card" aria-labelledby="health">
      <h2 id="health">Services and servers</h2>
      {health.value === null && <p class="quiet">The system does not answer.</p>}
      <ul class="health">
        {health.value?.services.map((service, place) => (
          <li key={`${service.service} ${place}`}>
            <Service service={service} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function Service({
  service: { service, status, checks },
}: {
  service: ServiceHealth;
}): JSX.Element {
  const up = metrics.value?.services.find((each) => each.service === service);
  const wrong = checks.filter((check) => check.status !== 'healthy');
  return (
    <details>
      <summary>
        <span class="grow">
          <span>{service}</span>
          {up && <small class="quiet">, up {duration(up.uptimeSeconds * 1_000)}</small>}
        </span>{' '}
        <span class={`status ${status}`}>{status}</span>
        {wrong.map((check) => (
          <span key={check.name} class={`remark ${check.status}`}>
            {check.name} {inWords(check)}
            {check.about && ` of ${check.about}`}
            {check.error && `: ${check.error}`}
          </span>
        ))}
      </summary>
      <ul class="plain-list">
        {checks.map((check) => (
          <li key={check.name} class="row">
            <span class={`status ${check.status}`}>{check.name}</span>
            <span>
              {inWords(check)}
              {check.about && ` of ${check.about}`}
            </span>
            <span class="quiet">{limitsOf(check)}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}

/** Of what is either well or not, the figure and its limits say nothing. */
const isState = ({ unit }: Check): boolean => /^(not |1 = )/.test(unit);

function limitsOf(check: Check): string {
  if (isState(check)) return '';
  const {
    threshold: { degraded, unhealthy },
    unit,
  } = check;
  const first = `degraded at ${amount(degraded, unit)}`;
  return unhealthy === null ? first : `${first}, unhealthy at ${amount(unhealthy, unit)}`;
}

function inWords(check: Check): string {
  const { value, unit } = check;
  if (value === null) return 'not known';
  if (!isState(check)) return amount(value, unit);
  const wrong = unit.replace('1 = ', '');
  return value > 0 ? wrong : `not ${wrong}`.replace(/^not not /, '');
}
