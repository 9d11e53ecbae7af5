// Pulumi loads its entry with `require` under ts-node, which would compile TypeScript anew and without our settings; an
// ES module and all that it imports is Node's own business (docs/adr/0001-esm-and-node-strips-the-types.md).
import "./pack.ts";
