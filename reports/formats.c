#include "reports/reports.h"

const struct report_format report_formats[] = {
    {"text", "report.txt", report_text},  {"json", "result.json", report_json},
    {"csv", "report.csv", report_csv},    {"xml", "report.xml", report_xml},
    {"junit", "junit.xml", report_junit}, {"html", "report.html", report_html},
};
const size_t report_format_count = sizeof(report_formats) / sizeof(report_formats[0]);
