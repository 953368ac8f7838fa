/* The learning system around a course, whichever it is: SCORM 1.2, SCORM 2004, cmi5, or none.
   Each gives: open() -> the state that was kept, keep(state), end({score, passed, complete}). */
"use strict";
(function () {
  function above(name) {
    for (let place = window, turn = 0; place && turn < 20; turn++) {
      if (place[name]) return place[name];
      if (place.parent === place) { place = place.opener; } else { place = place.parent; }
    }
    return null;
  }

  const began = Date.now();

  function scorm12(api) {
    const set = (name, value) => api.LMSSetValue(name, String(value));
    return {
      async open() {
        api.LMSInitialize("");
        const status = api.LMSGetValue("cmi.core.lesson_status");
        if (status === "not attempted" || status === "") set("cmi.core.lesson_status", "incomplete");
        return api.LMSGetValue("cmi.suspend_data");
      },
      async keep(state) { set("cmi.suspend_data", state); set("cmi.core.exit", "suspend"); api.LMSCommit(""); },
      async end(result) {
        set("cmi.core.score.min", 0); set("cmi.core.score.max", 100); set("cmi.core.score.raw", Math.round(result.score * 100));
        if (result.complete) set("cmi.core.lesson_status", result.passed ? "passed" : "incomplete");
        api.LMSCommit("");
      },
      leave() {
        const seconds = Math.floor((Date.now() - began) / 1000);
        const two = (n) => String(n).padStart(2, "0");
        set("cmi.core.session_time", `${String(Math.floor(seconds / 3600)).padStart(4, "0")}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`);
        api.LMSFinish("");
      },
    };
  }

  function scorm2004(api) {
    const set = (name, value) => api.SetValue(name, String(value));
    return {
      async open() {
        api.Initialize("");
        if (["unknown", "not attempted", ""].includes(api.GetValue("cmi.completion_status"))) set("cmi.completion_status", "incomplete");
        return api.GetValue("cmi.suspend_data");
      },
      async keep(state) { set("cmi.suspend_data", state); set("cmi.exit", "suspend"); api.Commit(""); },
      async end(result) {
        set("cmi.score.min", 0); set("cmi.score.max", 100); set("cmi.score.raw", Math.round(result.score * 100)); set("cmi.score.scaled", result.score.toFixed(4));
        if (result.complete) { set("cmi.completion_status", "completed"); set("cmi.success_status", result.passed ? "passed" : "failed"); }
        api.Commit("");
      },
      leave() { set("cmi.session_time", `PT${Math.floor((Date.now() - began) / 1000)}S`); api.Terminate(""); },
    };
  }

  function cmi5(asked) {
    const endpoint = asked.get("endpoint").replace(/\/?$/, "/");
    const actor = asked.get("actor"), registration = asked.get("registration"), activity = asked.get("activityId");
    const context = { session: "", template: {}, mastery: null };
    const headers = { "Content-Type": "application/json", "X-Experience-API-Version": "1.0.3" };
    const stateUrl = (id) => `${endpoint}activities/state?${new URLSearchParams({ stateId: id, activityId: activity, agent: actor, registration })}`;
    const CMI5 = { id: "https://w3id.org/xapi/cmi5/context/categories/cmi5" }, MOVE_ON = { id: "https://w3id.org/xapi/cmi5/context/categories/moveon" };
    async function say(verb, name, extra = {}, moves = false) {
      const template = context.template;
      const statement = {
        id: crypto.randomUUID(), timestamp: new Date().toISOString(), actor: JSON.parse(actor),
        verb: { id: verb, display: { en: name } }, object: { id: activity, objectType: "Activity" },
        context: {
          ...template, registration,
          contextActivities: { ...template.contextActivities, category: [...((template.contextActivities || {}).category || []), CMI5, ...(moves ? [MOVE_ON] : [])] },
          extensions: { ...template.extensions, ...(extra.mastery !== undefined ? { "https://w3id.org/xapi/cmi5/context/extensions/masteryscore": extra.mastery } : {}) },
        },
        ...(extra.result ? { result: extra.result } : {}),
      };
      check(await fetch(`${endpoint}statements`, { method: "POST", headers, body: JSON.stringify([statement]), keepalive: true }));
    }
    function check(reply) {
      if (!reply.ok) throw new Error(`the system answers ${reply.status}`);
    }
    const lasted = () => `PT${((Date.now() - began) / 1000).toFixed(2)}S`;
    let etag = null;
    const said = new Set();
    return {
      async open() {
        const token = await (await fetch(asked.get("fetch"), { method: "POST" })).json();
        headers.Authorization = `Basic ${token["auth-token"]}`;
        const launch = await fetch(stateUrl("LMS.LaunchData"), { headers });
        if (launch.ok) {
          const data = await launch.json();
          context.template = data.contextTemplate || {};
          context.mastery = data.masteryScore ?? null;
        }
        await say("http://adlnet.gov/expapi/verbs/initialized", "initialized");
        const held = await fetch(stateUrl("place"), { headers });
        etag = held.headers.get("ETag");
        return held.ok ? (await held.json()).place : "";
      },
      async keep(state) {
        const match = etag ? { "If-Match": etag } : {};
        const reply = await fetch(stateUrl("place"), { method: "PUT", headers: { ...headers, ...match }, body: JSON.stringify({ place: state }) });
        etag = reply.headers.get("ETag") || null;
        check(reply);
      },
      async end(result) {
        if (result.complete && !said.has("completed")) {
          await say("http://adlnet.gov/expapi/verbs/completed", "completed", { result: { completion: true, duration: lasted() } }, true);
          said.add("completed");
        }
        if (!result.complete || said.has("passed")) return;
        const passed = context.mastery === null ? result.passed : result.score >= context.mastery && result.passed;
        if (passed) {
          const extra = { result: { success: true, score: { scaled: Number(result.score.toFixed(4)) }, duration: lasted() }, ...(context.mastery === null ? {} : { mastery: context.mastery }) };
          await say("http://adlnet.gov/expapi/verbs/passed", "passed", extra, true);
          said.add("passed");
        }
      },
      leave() { say("http://adlnet.gov/expapi/verbs/terminated", "terminated", { result: { duration: lasted() } }).catch(() => {}); },
    };
  }

  const none = { async open() { return ""; }, async keep() {}, async end() {}, leave() {} };
  const asked = new URLSearchParams(location.search);
  const api2004 = above("API_1484_11"), api12 = above("API");
  window.SYSTEM = asked.has("fetch") && asked.has("endpoint") ? cmi5(asked) : api2004 ? scorm2004(api2004) : api12 ? scorm12(api12) : none;
})();
