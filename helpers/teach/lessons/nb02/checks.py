"""The check of notebook 02."""

from helpers.teach.lessons.nb02.order_number import ORDER_NUMBER

CHECKS = {ORDER_NUMBER.key: ORDER_NUMBER}
