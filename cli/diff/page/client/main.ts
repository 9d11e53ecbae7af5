/// <reference lib="dom" />
/** Starts what the page can do beyond being read. Runs in the browser. */
import { startGraph } from "./graph.ts";
import { openForPrint, startList } from "./list.ts";

const list = startList();
openForPrint();
startGraph((id) => list?.show(id));
