import process from 'node:process';

const megabyte = 1024 * 1024;
/** Without a limit of its own, a process that needs this much leaks. */
const mostMegabytes = 2_048;

/** The memory that this process may have, in megabytes: the limit of its container if that is below 2,048. */
export function memoryLimit(): number {
  // Without a limit, this is 0 or far above the memory of any machine.
  const allowed = Math.floor(process.constrainedMemory() / megabyte);
  return allowed > 0 ? Math.min(allowed, mostMegabytes) : mostMegabytes;
}
