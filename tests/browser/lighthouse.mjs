// Reads pages with Lighthouse in one headless Chromium, as a phone with a slow line would show them.
//
//     node lighthouse.mjs NODE_MODULES URL…
//
// writes a line of JSON for each page: its URL, its scores from 0 to 1, and the audits that cost it points.
// CHROME_PATH is the browser. The line and the phone are simulated from what was recorded here (Lighthouse's
// "simulate"), which depends least on how busy this machine is. Least is not nothing: a processor that others
// keep busy is seen as a slow page, so where performance alone is short of 1, it is read up to twice more.

import { pathToFileURL } from "node:url";

const CATEGORIES = ["performance", "accessibility", "best-practices", "seo"];
const AGAIN = 2;

const [modules, ...urls] = process.argv.slice(2);
const load = (path) => import(pathToFileURL(`${modules}/${path}`));
const { default: lighthouse } = await load("lighthouse/core/index.js");
const { launch } = await load("chrome-launcher/dist/index.js");

function judge({ categories, audits }) {
    const scores = Object.fromEntries(Object.values(categories).map((each) => [each.id, each.score]));
    const counted = Object.values(categories).flatMap((each) => each.auditRefs.filter((ref) => ref.weight));
    const low = counted
        .map((ref) => audits[ref.id])
        .filter((audit) => audit.score !== null && audit.score < 1)
        .map((audit) => `${audit.id}: ${audit.score} ${audit.displayValue ?? audit.explanation ?? audit.title}`);
    return { scores, low };
}

async function read(url, port, onlyCategories) {
    const { lhr } = await lighthouse(url, { port, onlyCategories, disableFullPageScreenshot: true, logLevel: "error" });
    if (lhr.runtimeError) throw new Error(`${url}: ${lhr.runtimeError.message}`);
    return judge(lhr);
}

async function readPatiently(url, port) {
    const found = await read(url, port, CATEGORIES);
    for (let turn = 0; turn < AGAIN && found.scores.performance < 1; turn += 1) {
        const { scores } = await read(url, port, ["performance"]);
        found.scores.performance = Math.max(found.scores.performance, scores.performance);
    }
    return found;
}

const flags = ["--headless=new", "--disable-quic", "--disable-background-networking", "--disable-sync"];
const sandbox = process.getuid() === 0 ? ["--no-sandbox"] : [];
const chrome = await launch({ chromeFlags: [...flags, ...sandbox], logLevel: "silent" });
try {
    for (const url of urls) {
        console.log(JSON.stringify({ url, ...(await readPatiently(url, chrome.port)) }));
    }
} finally {
    chrome.kill();
}
