// The element's own words and the direction of a language (engine.md 8.2): small defaults for the common locales.

const CLOSE: Record<string, string> = {
  ar: "إغلاق", bg: "Затваряне", cs: "Zavřít", da: "Luk", de: "Schließen", el: "Κλείσιμο", en: "Close", es: "Cerrar", et: "Sule", fa: "بستن",
  fi: "Sulje", fr: "Fermer", he: "סגירה", hi: "बंद करें", hr: "Zatvori", hu: "Bezárás", id: "Tutup", it: "Chiudi", ja: "閉じる", ko: "닫기",
  lt: "Uždaryti", lv: "Aizvērt", nb: "Lukk", nl: "Sluiten", no: "Lukk", pl: "Zamknij", pt: "Fechar", ro: "Închide", ru: "Закрыть", sk: "Zavrieť",
  sl: "Zapri", sv: "Stäng", th: "ปิด", tr: "Kapat", uk: "Закрити", vi: "Đóng", zh: "关闭",
};

const RIGHT_TO_LEFT = new Set(["ar", "arc", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "ug", "ur", "yi"]);

function language(locale: string): string {
  return locale.toLowerCase().split(/[-_]/)[0] ?? "";
}

export function close(locale: string): string {
  return CLOSE[language(locale)] ?? "Close";
}

export function direction(locale: string): "ltr" | "rtl" {
  return RIGHT_TO_LEFT.has(language(locale)) ? "rtl" : "ltr";
}
