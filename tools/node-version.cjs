/**
 * Ends this process with one line when Node.js is too old. It runs before everything else (`node -r`), so its syntax must
 * be valid in old versions too.
 */
const wanted = require('../package.json').engines.node;
const needed = /(\d+)\.(\d+)/.exec(wanted).slice(1).map(Number);
const here = process.versions.node.split('.').map(Number);

if (here[0] < needed[0] || (here[0] === needed[0] && here[1] < needed[1])) {
  console.error(`Waybill needs Node.js ${needed.join('.')} or newer; this is ${process.version}.`);
  process.exit(1);
}
