"""Words of the lists of standards, of their clauses and of service types."""

from livingcircle.render.words.entry import Entry

# fmt: off
STANDARDS: tuple[Entry, ...] = (
    ("standards.title", "内置标准（编号用于 --standard 和研究配置的 standard）", "Built-in standards (use the id for --standard, or as `standard` in a study file)"),
    ("standards.documents", "单独的文件（同样可用编号选用）", "Single documents (may be used by their id, too)"),
    ("standards.rules", "{all} 条：{parts}", "{all} rules: {parts}"),
    ("standards.seen", "见原文 {count}", "{count} seen in the document"),
    ("standards.quoted", "据转引 {count}", "{count} from quotations"),
    ("standards.recalled", "凭记忆 {count}", "{count} from memory"),
    ("standards.extends", "在 {parent} 之上", "on top of {parent}"),
    ("standards.replaces", "在 {parent} 之上，其中 {count} 条由地方规定代替", "on top of {parent}, {count} of its rules replaced by local ones"),
    ("standards.legend", "※ 未见原文，数值须与印刷文本核对；“凭记忆”的尤其如此。", "※ Not seen in print: check the figures against the printed text, above all those from memory."),
    ("standards.more", "逐条查看：living-circle standards show 编号", "Rule by rule: living-circle standards show ID"),
    ("standards.document", "{title}（{about}）", "{title} ({about})"),
    ("standards.compulsory", "强制性条文", "compulsory clause"),
    ("standards.deadline", "期限 {deadline}", "by {deadline}"),
    ("standards.condition", "仅限：{condition}", "only: {condition}"),
    ("standards.sizes", "适用规模 {sizes}", "for units of {sizes}"),
    ("standards.within", "在 {distance} 以内", "within {distance}"),
    ("standards.members", "包括：{members}", "of: {members}"),
    ("standards.disputes", "有争议之处及处理", "Disputes and how they are treated"),
    ("standards.treatment", "处理：{treatment}", "Treatment: {treatment}"),
    ("standards.circle", "生活圈", "the circle"),
    ("standards.services", "{systems} 个服务系统，{services} 类服务", "{services} service types in {systems} systems"),
    ("held.evaluated", "由数据判定", "judged from data"),
    ("held.list", "须先给出清单", "needs the list first"),
    ("held.register", "台账填报", "from a register"),
    ("held.checklist", "人工核查", "answered by a person"),
    ("held.design", "由本工具遵守", "kept by this tool"),
    ("privacy.aggregate", "只按分区公布", "published by district only"),
    ("privacy.restricted", "不落点", "never located"),
    ("document_status.in_force", "现行", "in force"),
    ("document_status.trial", "试行", "trial"),
    ("document_status.draft", "草案", "draft"),
    ("document_status.expired", "已过期", "expired"),
    ("document_status.superseded", "已被取代", "superseded"),
    ("document_status.reference", "仅供参考", "for reference"),
    ("document_status.example", "地方实例", "local example"),
)
# fmt: on
