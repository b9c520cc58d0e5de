"""Where people meet the assistant: the chat gateway, the contact page, the widget and the staff console."""
